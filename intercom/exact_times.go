package intercom

// ExactTimes reports whether a search compares standard timestamps to the
// second. Up to 2.16 Intercom compares whole days in the workspace's time
// zone; from 2.17 on, and in Preview, exact seconds in UTC. Date attributes
// are compared by day in every version.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/searchcontacts
func (c *Client) ExactTimes() bool { return !c.conn.version.before(17) }
