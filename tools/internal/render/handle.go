package render

import (
	"crypto/sha256"
	"encoding/base32"
	"hash/crc32"
	"slices"
	"strings"

	"intercom-mcp/tools/toolerr"
)

// handlePrefix begins the handle of a cursor.
const handlePrefix = "cur_"

// handleText is Crockford's base32 in lower case: no i, l, o or u to misread.
var handleText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

const (
	handleBits = 7 // bytes that tell a cursor from the others of its principal
	sumBytes   = 3 // of a checksum
)

// Handle is the short name of a cursor, of 20 characters, the same whenever the principal comes to the same position of
// the same list. Its last characters are a checksum.
func Handle(principal, cursor string) string {
	sum := sha256.Sum256([]byte(principal + "\x00" + cursor))
	return handlePrefix + handleText.EncodeToString(withSum(sum[:handleBits]))
}

// withSum is bytes and their checksum.
func withSum(bytes []byte) []byte {
	sum := crc32.ChecksumIEEE(bytes)
	return append(slices.Clip(bytes), byte(sum>>16), byte(sum>>8), byte(sum))
}

// altered is the error of a cursor whose checksum does not match.
func altered() *toolerr.Error {
	return toolerr.New(toolerr.InvalidArgument, "cursor: this cursor was altered.",
		"Copy it as it is, or leave it out to start from the first row.")
}

// IsHandle reports whether a cursor is a handle. The error tells one that was altered.
func IsHandle(text string) (bool, error) {
	body, ok := strings.CutPrefix(text, handlePrefix)
	if !ok {
		return false, nil
	}
	bytes, err := handleText.DecodeString(body)
	if err != nil || len(bytes) != handleBits+sumBytes ||
		handleText.EncodeToString(withSum(bytes[:handleBits])) != body {
		return true, altered()
	}
	return true, nil
}

// Lapsed is the error of a handle that is kept no more.
func Lapsed() *toolerr.Error {
	return toolerr.New(toolerr.InvalidArgument,
		"cursor: it is more than an hour old, was pushed out by 200 newer ones, or is another caller's.",
		"Leave it out to start from the first row.")
}
