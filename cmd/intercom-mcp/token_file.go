package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
)

// maxTokenFile bounds what is read of a token file, in bytes.
const maxTokenFile = 4 << 10

// readTokenFile returns the access token in the file at path: its text without the white space around it, and without a
// byte order mark. A file that others may read is refused, since a token in it is not secret.
func readTokenFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", &usageError{problem: fmt.Sprintf("reading the token file: %v", err)}
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("reading the token file: %w", err)
	}
	if info.IsDir() {
		return "", &usageError{problem: fmt.Sprintf("token file %s is a folder", path),
			try: "the file in it that holds the token"}
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return "", &usageError{
			problem: fmt.Sprintf("token file %s can be read by others (mode %04o)", path, mode),
			try:     "chmod 600 " + path,
		}
	}
	text, err := io.ReadAll(io.LimitReader(file, maxTokenFile+1))
	if err != nil {
		return "", fmt.Errorf("reading the token file: %w", err)
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return "", &usageError{problem: "token file " + path + " is text in UTF-16", try: "the same file in UTF-8"}
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // a byte order mark, with which some editors begin a file
	if len(text) > maxTokenFile || len(bytes.TrimSpace(text)) == 0 {
		return "", &usageError{problem: "token file " + path + " does not hold one access token",
			try: "the access token alone in it, as Intercom's Configure > Authentication page shows it"}
	}
	return cleanToken("the access token in "+path, string(text))
}
