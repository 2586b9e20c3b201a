package intercom

import (
	"fmt"
	"strings"
)

// Region is where Intercom hosts a workspace. See
// https://developers.intercom.com/docs/build-an-integration/learn-more/rest-apis#regional-endpoints
type Region string

// The regions. A token works in its workspace's region alone.
const (
	RegionUS Region = "us"
	RegionEU Region = "eu"
	RegionAU Region = "au"
)

// ParseRegion reads a region's name in any case; "" is RegionUS.
func ParseRegion(name string) (Region, error) {
	switch region := Region(strings.ToLower(name)); region {
	case "":
		return RegionUS, nil
	case RegionUS, RegionEU, RegionAU:
		return region, nil
	}
	return "", fmt.Errorf("intercom: unknown region %q: want us, eu or au", name)
}

func (r Region) host() string {
	if r == RegionUS {
		return "api.intercom.io"
	}
	return "api." + string(r) + ".intercom.io"
}

// Region is where calls go, "" for a host that is none of the regions'.
func (c *Client) Region() Region {
	for _, region := range []Region{RegionUS, RegionEU, RegionAU} {
		if c.conn.base.Host == region.host() {
			return region
		}
	}
	return ""
}
