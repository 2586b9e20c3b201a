package sandbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// The first contacts work at Acme Inc; two of five have not been seen for more than ninety days.
const acmePeople = 60

// seedContacts makes the contacts that lists show. Each depends on the seed and its own number alone.
func seedContacts(w *workspace, opts Options, today int64) {
	w.contacts.all = make([]*contact, 0, opts.Contacts+4)
	for i := range opts.Contacts {
		rng := rand.New(rand.NewPCG(opts.Seed, streamContacts+uint64(i)))
		c := seedContact(w, rng, i, today)
		if n := i - acmePeople; n >= 0 && n < len(awkward) {
			awkward[n](w, c)
		}
		w.contacts.byID[c.ID] = c
		w.contacts.all = append(w.contacts.all, c)
	}
}

// seedContact makes the i-th contact.
func seedContact(w *workspace, rng *rand.Rand, i int, today int64) *contact {
	created := workspaceCreated + rng.Int64N(seededSpan)
	first, last := firstNames[rng.IntN(len(firstNames))], lastNames[rng.IntN(len(lastNames))]
	firm := seedFirm(w, rng, i)
	domain := "mail.example"
	c := &contact{Contact: Contact{
		ID: w.ids.hex(created, contactSerial+uint32(i)), Role: "user", ExternalID: "u-" + strconv.Itoa(10001+i),
		Name: first + " " + last, CreatedAt: created, UpdatedAt: created + rng.Int64N(30*day), SignedUpAt: created,
		CustomAttributes: seedAttributeValues(rng, i),
	}}
	if firm != nil {
		domain = companyDomain(firm.Name)
		c.CompanyIDs = []string{firm.ID}
	}
	c.Email = fmt.Sprintf("%s.%s%d@%s", strings.ToLower(first), strings.ToLower(last), i, domain)
	if rng.IntN(5) < 3 {
		c.Phone = fmt.Sprintf("+1555010%04d", rng.IntN(10000))
	}
	if rng.IntN(2) == 0 {
		c.OwnerID = w.admins[rng.IntN(len(w.admins))].ID
	}
	if i >= acmePeople && rng.IntN(5) == 0 {
		c.Role, c.ExternalID, c.SignedUpAt = "lead", "", 0
	}
	c.LastSeenAt = today - seenDaysAgo(rng, i)*day + 6*60*60 + rng.Int64N(12*60*60)
	if i >= acmePeople && rng.IntN(12) == 0 {
		c.LastSeenAt = 0
	}
	seedTrace(rng, c, today)
	seedTaggings(w, rng, c)
	for n := range rng.IntN(3) * (1 - i%2) {
		w.seedNote(c, 20*i+n, noteTexts[rng.IntN(len(noteTexts))], created+int64(n+1)*day)
	}
	return c
}

// seedFirm is the company that the i-th contact works at, if any.
func seedFirm(w *workspace, rng *rand.Rand, i int) *Company {
	staffed := len(w.companies.all) // those with people
	if staffed > 2 {
		staffed--
	}
	switch pick := rng.IntN(max(staffed, 2)); {
	case staffed == 0:
		return nil
	case i < acmePeople:
		return w.companies.all[0]
	case i%10 == 9 || staffed == 1:
		return nil
	default:
		return w.companies.all[1+pick%(staffed-1)]
	}
}

// seenDaysAgo is how many days before today the i-th contact was last seen.
func seenDaysAgo(rng *rand.Rand, i int) int64 {
	switch {
	case i >= acmePeople:
		return 1 + rng.Int64N(240)
	case i%5 < 2:
		return 92 + rng.Int64N(200)
	default:
		return 1 + rng.Int64N(80)
	}
}

// seedAttributeValues makes the custom attributes. Three of five contacts are on the trial plan.
func seedAttributeValues(rng *rand.Rand, i int) map[string]any {
	values := map[string]any{
		"plan":         []string{"trial", "trial", "trial", "starter", "pro"}[i%5],
		"tier":         []string{"bronze", "silver", "gold", "platinum"}[rng.IntN(4)],
		"seats":        1 + rng.Int64N(50),
		"health_score": float64(rng.IntN(1000)) / 10,
		"newsletter":   rng.IntN(2) == 0,
		"renewal_date": 1798761600 + rng.Int64N(365)*day,
	}
	if i%4 == 3 {
		delete(values, "renewal_date")
		delete(values, "health_score")
	}
	return values
}

// seedTrace makes what a contact's visits left.
func seedTrace(rng *rand.Rand, c *contact, today int64) {
	c.Browser = []string{"chrome", "firefox", "safari"}[rng.IntN(3)]
	c.BrowserVersion = strconv.Itoa(110 + rng.IntN(30))
	c.BrowserLanguage = []string{"en", "de", "fr", "pt"}[rng.IntN(4)]
	c.OS = []string{"OS X 14", "Windows 11", "Linux"}[rng.IntN(3)]
	c.Location = places[rng.IntN(len(places))]
	c.UnsubscribedFromEmails = rng.IntN(15) == 0
	if rng.IntN(3) == 0 {
		c.LastContactedAt = today - (1+rng.Int64N(120))*day
		c.LastRepliedAt = c.LastContactedAt + 3600
	}
	if rng.IntN(6) == 0 {
		c.IOS = Device{"Sandbox", "4.2", "iPhone15,3", "18.1", "17.0.0", c.LastSeenAt}
	}
}

// seedTaggings gives a contact up to three tags.
func seedTaggings(w *workspace, rng *rand.Rand, c *contact) {
	for range rng.IntN(4) {
		w.seedTagging(c, w.tags[rng.IntN(len(w.tags))])
	}
}

// seedTagging tags a contact shortly after its creation.
func (w *workspace) seedTagging(c *contact, t *Tag) {
	if slices.Contains(c.TagIDs, t.ID) {
		return
	}
	if c.taggings == nil {
		c.taggings = make(map[string]tagging)
	}
	c.TagIDs = append(c.TagIDs, t.ID)
	c.taggings[t.ID] = tagging{c.CreatedAt + day, w.admins[0].ID}
}
