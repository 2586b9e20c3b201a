package sandbox

import (
	"strconv"
	"strings"
)

// version is a version of the API: 2.16 is 216, so that they compare. Preview is above all numbered ones. See
// https://developers.intercom.com/docs/build-an-integration/learn-more/rest-apis/api-changelog
type version int

const (
	v207    version = 207 // oldest the sandbox has operations for
	v210    version = 210
	v212    version = 212
	v213    version = 213
	v214    version = 214
	v215    version = 215
	v216    version = 216
	v217    version = 217
	preview version = 999
)

// newest is the last numbered minor version of each major one.
var newest = map[int]int{1: 4, 2: 17}

// parseVersion reads an Intercom-Version header. Preview is written in any case, and also by its former name Unstable.
func parseVersion(s string) (version, bool) {
	switch strings.ToLower(s) {
	case "preview", "unstable":
		return preview, true
	}
	majorText, minorText, ok := strings.Cut(s, ".")
	if !ok {
		return 0, false
	}
	major, err := strconv.Atoi(majorText)
	if err != nil {
		return 0, false
	}
	minor, err := strconv.Atoi(minorText)
	if err != nil || minor < 0 || minor > newest[major] || newest[major] == 0 {
		return 0, false
	}
	return version(major*100 + minor), true
}

// String returns the version in the form of the header.
func (v version) String() string {
	if v == preview {
		return "Preview"
	}
	return strconv.Itoa(int(v)/100) + "." + strconv.Itoa(int(v)%100)
}
