package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// workspaceCreated is when the seeded workspace began: 2023-01-09 08:00 UTC. Everything in it was created at fixed
// times since, so that its ids, which begin with the creation time, are always the same.
const workspaceCreated = 1673251200

// seededSpan is how long the seeded creations went on, in seconds: to the end of 2025.
const seededSpan = 92_000_000

// The serial numbers of seeded ids.
const (
	companySerial = 0x000100
	contactSerial = 0x010000
	hiddenSerial  = 0x600000
	segmentSerial = 0x700000
)

const day = 24 * 60 * 60 // seconds

// seedWorkspace fills an empty workspace. What happened lately, such as when
// a contact was last seen, is relative to the UTC day of now.
func seedWorkspace(w *workspace, opts Options, now time.Time) {
	w.admins = seedAdmins()
	w.attributes = seedAttributes(w.admins[0].ID)
	w.tags = seedTags()
	w.subscriptionTypes = seedSubscriptionTypes()
	w.segments = seedSegments(w)
	today := now.Unix() / day * day
	copies.fill(w, opts, today)
}

func seedAdmins() []*Admin {
	avatar := "https://static.intercomassets.com/assets/default-avatars/admins/128.png"
	admin := func(id, name, email, title, roleID, role string, away bool) *Admin {
		return &Admin{
			ID: id, Name: name, Email: email, JobTitle: title, Avatar: avatar, TeamIDs: []int{814865},
			RoleID: roleID, Role: role, HasInboxSeat: true, AwayModeEnabled: away,
		}
	}
	return []*Admin{
		admin("991267459", "Nora Lindqvist", "nora@sandbox.example", "Head of Support", "11", "Administrator", false),
		admin("991267464", "Tomas Okafor", "tomas@sandbox.example", "Customer Success", "12", "Agent", false),
		admin("991267468", "Priya Raman", "priya@sandbox.example", "Account Executive", "12", "Agent", true),
	}
}

// seedTags makes the tags; the contact with twelve tags has the first twelve.
func seedTags() []*Tag {
	names := []string{
		"VIP", "Beta tester", "At risk", "Churned", "Newsletter", "Webinar 2026", "Champion", "Decision maker",
		"Billing issue", "Feature request", "Onboarding", "Partner", "Do not contact", "EU customer", "Enterprise", "Press",
	}
	var tags []*Tag
	for i, name := range names {
		tags = append(tags, &Tag{strconv.Itoa(7522901 + i), name})
	}
	return tags
}

func seedSubscriptionTypes() []*subscriptionType {
	return []*subscriptionType{
		{"106", "live", "opt_out", "Announcements", "News about the product", []string{"email"}},
		{"107", "live", "opt_in", "Newsletter", "One letter a month", []string{"email"}},
		{"108", "live", "opt_in", "Text messages", "Incidents as text messages", []string{"sms_message"}},
	}
}

// seedSegments makes the segments, whose members follow from their rules.
func seedSegments(w *workspace) []*segment {
	seenWithin := func(days int64) func(*Contact, time.Time) bool {
		return func(c *Contact, at time.Time) bool { return c.LastSeenAt > at.Unix()-days*day }
	}
	onTrial := func(c *Contact, _ time.Time) bool { return c.CustomAttributes["plan"] == "trial" }
	vip := w.tags[0]
	isVIP := func(c *Contact, _ time.Time) bool { return slices.Contains(c.TagIDs, vip.ID) }
	segments := []*segment{
		{Segment: Segment{Name: "Active users", PersonType: "user"}, contacts: seenWithin(30)},
		{Segment: Segment{Name: "Slipping away", PersonType: "user"}, contacts: func(c *Contact, at time.Time) bool {
			return c.LastSeenAt != 0 && !seenWithin(90)(c, at)
		}},
		{Segment: Segment{Name: "On trial", PersonType: "user"}, contacts: onTrial},
		{Segment: Segment{Name: "VIP customers", PersonType: "user"}, tagID: vip.ID, contacts: isVIP},
		{Segment: Segment{Name: "Leads with an e-mail", PersonType: "contact"}, contacts: func(c *Contact, _ time.Time) bool {
			return c.Email != ""
		}},
		{Segment: Segment{Name: "Big accounts", PersonType: "user"}, companies: func(c *Company, _ int) bool {
			return c.MonthlySpend >= 5000
		}},
	}
	for i, s := range segments {
		s.CreatedAt = workspaceCreated + int64(i)*day
		s.UpdatedAt = s.CreatedAt
		s.ID = w.ids.hex(s.CreatedAt, segmentSerial+uint32(i))
	}
	return segments
}

// custom makes a custom attribute.
func custom(id int64, model, name, label, description, kind, admin string, options ...string) *Attribute {
	return &Attribute{
		ID: id, Model: model, Name: name, FullName: "custom_attributes." + name, Label: label, Description: description,
		DataType: kind, Options: options, Custom: true, APIWritable: true, MessengerWritable: true, AdminID: admin,
		CreatedAt: workspaceCreated + id*60, UpdatedAt: workspaceCreated + id*60,
	}
}

// seedAttributes makes the custom attributes and those that every workspace has.
func seedAttributes(admin string) []*Attribute {
	retired := custom(39, "contact", "legacy_code", "Legacy code", "From the old CRM", "string", admin)
	retired.Archived = true
	attributes := []*Attribute{
		custom(31, "contact", "plan", "Plan", "The plan the person is on", "string", admin),
		custom(32, "contact", "tier", "Tier", "Level of service", "string", admin, "bronze", "silver", "gold", "platinum"),
		custom(33, "contact", "seats", "Seats", "How many seats were bought", "integer", admin),
		custom(34, "contact", "health_score", "Health score", "From 0 to 100", "float", admin),
		custom(35, "contact", "newsletter", "Newsletter", "Wants the newsletter", "boolean", admin),
		custom(36, "contact", "renewal_date", "Renewal date", "When the contract ends", "date", admin),
		custom(37, "contact", "Favourite colour", "Favourite colour", "", "string", admin),
		retired,
		custom(41, "company", "account_code", "Account code", "Number in the ledger", "string", admin),
		custom(42, "company", "support_level", "Support level", "", "string", admin, "basic", "priority"),
		custom(43, "company", "licences", "Licences", "", "integer", admin),
		custom(44, "company", "arr", "ARR", "Annual recurring revenue", "float", admin),
		custom(45, "company", "strategic", "Strategic", "", "boolean", admin),
		custom(46, "company", "contract_end", "Contract end", "", "date", admin),
	}
	return append(attributes, standardAttributes()...)
}

// standardAttributes are the attributes that every workspace has.
func standardAttributes() []*Attribute {
	var out []*Attribute
	add := func(model, kind string, writable bool, names ...string) {
		for _, name := range names {
			out = append(out, &Attribute{
				Model: model, Name: strings.TrimPrefix(name, "plan."), FullName: name, Label: standardLabel(name), DataType: kind,
				APIWritable: writable, MessengerWritable: writable || model == "company",
			})
		}
	}
	add("contact", "string", true, "name", "email", "phone", "external_id", "avatar", "language_override")
	add("contact", "string", false, "id", "role", "email_domain", "formatted_phone", "browser", "browser_language", "os",
		"location.country", "location.region", "location.city", "fin_qualification_status", "phone_country", "slack_email",
		"workspace_id")
	add("contact", "integer", true, "owner_id")
	add("contact", "datetime", true, "signed_up_at", "last_seen_at")
	add("contact", "datetime", false, "created_at", "updated_at", "last_contacted_at", "last_replied_at",
		"last_email_opened_at", "last_email_clicked_at")
	add("contact", "boolean", true, "unsubscribed_from_emails")
	add("contact", "boolean", false, "marked_email_as_spam", "has_hard_bounced")
	add("company", "string", true, "name", "industry", "website")
	add("company", "string", false, "company_id", "id", "app_id", "plan.id", "plan.name")
	add("company", "date", true, "remote_created_at")
	add("company", "date", false, "last_request_at", "created_at", "updated_at")
	add("company", "integer", false, "user_count", "session_count")
	add("company", "float", true, "monthly_spend")
	add("company", "integer", true, "size")
	return out
}

// standardLabel is a name as people read it: "last_seen_at" is "Last seen at".
func standardLabel(name string) string {
	label := []byte(name)
	for i, b := range label {
		if b == '_' || b == '.' {
			label[i] = ' '
		}
	}
	label[0] -= 'a' - 'A'
	return string(label)
}

// seedNote adds a note of one of the admins.
func (w *workspace) seedNote(c *contact, serial int, body string, at int64) {
	w.notes.add(&Note{
		ID: strconv.Itoa(20114000 + serial), ContactID: c.ID, AuthorID: w.admins[serial%len(w.admins)].ID,
		Body: fmt.Sprintf("<p>%s</p>", body), CreatedAt: at,
	})
}
