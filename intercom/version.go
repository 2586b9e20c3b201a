package intercom

import (
	"fmt"
	"strconv"
	"strings"
)

// DefaultVersion is the API version used unless configured otherwise: the newest that Intercom has published a
// description of, and of which answers were recorded.
const DefaultVersion = "2.16"

// version is a value of the Intercom-Version header. See
// https://developers.intercom.com/docs/build-an-integration/learn-more/rest-apis/api-changelog
type version string

// versionPreview has what no numbered version has yet.
const versionPreview version = "Preview"

// parseVersion checks a version's form; Intercom knows which ones exist.
func parseVersion(text string) (version, error) {
	if text == "" {
		return DefaultVersion, nil
	}
	if strings.EqualFold(text, "preview") || strings.EqualFold(text, "unstable") {
		return versionPreview, nil
	}
	major, minor, dotted := strings.Cut(text, ".")
	if _, err := strconv.ParseUint(major, 10, 8); err != nil || !dotted {
		return "", fmt.Errorf("intercom: version %q is neither a number such as %s nor Preview", text, DefaultVersion)
	}
	if _, err := strconv.ParseUint(minor, 10, 8); err != nil {
		return "", fmt.Errorf("intercom: version %q is neither a number such as %s nor Preview", text, DefaultVersion)
	}
	return version(text), nil
}

// before reports whether v is older than 2.minor. Preview is never older.
func (v version) before(minor int) bool {
	if v == versionPreview {
		return false
	}
	first, second, _ := strings.Cut(string(v), ".")
	major, errMajor := strconv.Atoi(first)
	n, errMinor := strconv.Atoi(second)
	return errMajor == nil && errMinor == nil && (major < 2 || major == 2 && n < minor)
}

// numericOwner reports whether owner_id is a number in bodies and searches.
func (v version) numericOwner() bool { return v.before(16) }

// ExactTimes reports whether a search compares standard timestamps to the second. Up to 2.16 Intercom compares whole
// days in the workspace's time zone; from 2.17 on, and in Preview, exact seconds in UTC. Date attributes are compared
// by day in every version.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/searchcontacts
func (c *Client) ExactTimes() bool { return !c.conn.version.before(17) }
