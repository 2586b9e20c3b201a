package intercom

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// tellsMerges is the first minor version that reports where a merged contact went.
const tellsMerges = 16

// findMissing fills in Error.Missing, MergedInto and MergedFrom of a refusal. Intercom reports where a merged contact
// went only to reads by id, and only from 2.16 on, so the contact is read: one more request after a 404. It returns the
// error of that read, where the read itself failed.
func (c *Client) findMissing(ctx context.Context, p *prepared, e *Error) *Error {
	e.Missing = missingByCode[e.Code]
	restoring := p.request.route == "/contacts/{id}/unarchive" && strings.Contains(e.said, "has been merged")
	if e.Missing != "" || e.Kind() != KindNotFound && !restoring {
		return nil
	}
	lookups := p.lookups(c.conn.version)
	if lookups == nil {
		e.Missing = missingByRoute(p.request.route)
		return nil
	}
	for i, lookup := range lookups {
		_, err := one[contactWire](ctx, c, lookup)
		var told *Error
		if !errors.As(err, &told) {
			continue // it is there
		}
		switch told.Kind() {
		case KindMerged:
			e.kind, e.MergedInto = KindMerged, told.MergedInto
			if len(p.request.named) == 2 {
				e.MergedFrom = p.request.named[i].id
			}
			return nil
		case KindNotFound:
			e.Missing = missingContact
			return nil
		}
		return told
	}
	e.Missing = missingBeside(p.request.route)
	return nil
}

// lookups are the reads that report where the contacts of a request went; none
// where the request is itself such a read, or names no contact.
func (p *prepared) lookups(v version) []request {
	var ids []string
	switch {
	case p.request.method == http.MethodGet && (p.request.route == "/contacts/{id}" ||
		p.request.route == "/contacts/find_by_external_id/{external_id}"):
		if !p.request.version.before(tellsMerges) {
			return nil
		}
		return []request{safeRead(p.request.method+" "+p.request.route, p.request.args...).since(tellsMerges, v)}
	case p.request.route == "/contacts/{id}" || strings.HasPrefix(p.request.route, "/contacts/{id}/"):
		ids = p.request.args[:1]
	case strings.HasPrefix(p.request.route, "/contacts/merge"):
		for _, side := range p.request.named {
			ids = append(ids, side.id)
		}
	}
	var reads []request
	for _, id := range ids {
		reads = append(reads, safeRead("GET /contacts/{id}", id).since(tellsMerges, v))
	}
	return reads
}

// missingContact is the Error.Missing of a contact.
const missingContact = "contact"

// missingByCode are the codes that name what is missing.
var missingByCode = map[string]string{
	"company_not_found": "company",
	"admin_not_found":   "admin",
	"team_not_found":    "team",
	"tag_not_found":     "tag",
	"job_not_found":     "bulk job",
	"field_not_found":   "attribute",
}

// missingByRoute names the kind of object of a path such as "/tags/{id}".
func missingByRoute(route string) string {
	switch kind, _, _ := strings.Cut(strings.TrimPrefix(route, "/"), "/"); kind {
	case "contacts":
		return missingContact
	case "companies":
		return "company"
	case "tags", "notes", "segments", "admins":
		return strings.TrimSuffix(kind, "s")
	}
	return ""
}

// missingBeside names the kind of the second object of a path such as "/contacts/{id}/tags".
func missingBeside(route string) string {
	switch part := strings.Split(strings.TrimPrefix(route, "/contacts/{id}/"), "/")[0]; part {
	case "tags":
		return "tag"
	case "companies":
		return "company"
	case "notes":
		return "admin"
	case "subscriptions":
		return "subscription type"
	}
	return ""
}
