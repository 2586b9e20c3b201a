package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
)

// maxTokenFile bounds what is read of a token file, in bytes.
const maxTokenFile = 4 << 10

// readTokenFile returns the access token in the file at path: its text without
// the white space around it. A file that others may read is refused, since a
// token in it is not secret.
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
	token := strings.TrimSpace(string(text))
	if token == "" || len(text) > maxTokenFile || strings.ContainsAny(token, " \t\r\n") {
		return "", errors.New("token file " + path + " does not hold one access token")
	}
	return token, nil
}
