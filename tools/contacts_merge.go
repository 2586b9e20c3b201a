package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// contactMergeTools are the tools for the merge of contacts.
func contactMergeTools() []Tool {
	return []Tool{
		{
			Name: "merge_contacts", Title: "Merge contacts", Set: contactSet, Effect: policy.Destroy, Run: plans(mergeContacts),
			Doc: "Merge a lead or user into a user with the same e-mail or phone, for good; the preview tells what becomes of " +
				"their fields.",
		},
	}
}

// MergeContactsInput names the two contacts of a merge.
type MergeContactsInput struct {
	// the lead or user that disappears
	Contact string `json:"contact"`
	// the user that stays
	Into string `json:"into"`
	// more of them, merged after it
	Also []string `json:"also,omitempty" jsonschema:"maxItems=4"`
	// wait for confirm_change
	Preview bool `json:"preview,omitempty"`
}

// mergeContacts plans to merge a lead or a user into a user.
func mergeContacts(ctx context.Context, s *session, in MergeContactsInput) (*draft, error) {
	var bad toolerr.Several
	into, err := s.dir.Contact(ctx, in.Into)
	if err = bad.Add("into", err); err != nil {
		return nil, err
	}
	if bad.Len() > 0 {
		into = nil
	}
	d := &draft{verb: "merge", irreversible: "Intercom cannot take a merge apart.", preview: in.Preview}
	preview := mergePreview{client: s.client, dir: s.dir, mask: s.mask, room: mergedShown,
		takenOver: make(map[string]any)}
	if n := len(in.Also); n > 0 {
		preview.room, preview.several = severalShown/(n+1), true
	}
	for i, reference := range append([]string{in.Contact}, in.Also...) {
		place := "contact"
		if i > 0 {
			place = fmt.Sprintf("also[%d]", i-1)
		}
		if err := planMerge(ctx, s, d, &preview, place, reference, into, &bad); err != nil {
			return nil, err
		}
	}
	return d, bad.Err()
}

// planMerge adds the merge of one contact, and what it would do; without into, which is wrong, it only looks for the
// contact. Those of one call come about in their order.
func planMerge(ctx context.Context, s *session, d *draft, preview *mergePreview, place, reference string,
	into *intercom.Contact, bad *toolerr.Several) error {
	from, err := s.dir.Contact(ctx, reference)
	if err != nil || into == nil {
		return bad.Add(place, err)
	}
	if slices.ContainsFunc(d.items, func(item change.Item) bool { return item.TargetID == from.ID }) {
		return bad.Add(place, toolerr.New(toolerr.InvalidArgument, "It is named before.", "Name each once."))
	}
	if preview.several {
		place += " " + text.Clip(s.mask.Label(from), refusedLabel)
	} else {
		place = "" // which the error tells
	}
	if err := mergeable(from, into); err != nil {
		return bad.Add(place, err)
	}
	label, known := s.mask.Known(into)
	d.items = append(d.items, s.mask.Item(from,
		change.Patch{Op: change.Merge, Into: &change.Ref{ID: into.ID, Name: label, LabelField: known},
			Users: from.Role == "user"}))
	effects, err := preview.effects(ctx, from, into)
	if err != nil {
		return bad.Add(place, err)
	}
	if preview.several {
		effects = slices.Insert(effects, 0, text.Capitalise(preview.side(from))+":")
	}
	d.sideEffects = append(d.sideEffects, effects...)
	return nil
}

// refusedLabel is how many columns the name takes of one of several contacts that cannot be merged.
const refusedLabel = 40

// mergePreview tells what a merge would do.
type mergePreview struct {
	client *intercom.Client
	dir    *directory.Resolver
	mask   *render.Mask
	room   int // columns of the outcomes of custom attributes; of all where several are merged
	// several tells that there are more merges in the same call.
	several bool
	// takenOver are the values that earlier merges of the same call give the user that stays, by field.
	takenOver map[string]any
}

// side names one contact of a merge: the two often share their e-mail.
func (m *mergePreview) side(c *intercom.Contact) string {
	return render.Side(c.Role, m.mask.Label(c), c.ID)
}

// mergeable refuses contacts that Intercom does not merge. Versions before 2.16 would merge a lead with a stranger, and
// later ones refuse that only when it is done. For two users Intercom's preview decides.
func mergeable(from, into *intercom.Contact) error {
	if err := cmp.Or(from.Unread("role"), into.Unread("role")); err != nil {
		return err
	}
	switch {
	case from.ID == into.ID:
		return toolerr.New(toolerr.InvalidArgument, "contact and into are the same contact.",
			"Name the lead in contact and the user in into.")
	case from.Role == "user" && into.Role == "lead":
		return toolerr.New(toolerr.InvalidArgument, "Only a lead can be merged into a user; these are a user and a lead.",
			"Swap them: the lead goes in contact, the user in into.")
	case into.Role != "user":
		return alike(from.Role)
	case from.Role == "lead" && !shareIdentity(from, into):
		if err := cmp.Or(from.Unread("email", "phone"), into.Unread("email", "phone")); err != nil {
			return err // they may share what cannot be read
		}
		return toolerr.New(toolerr.InvalidArgument, "Intercom would refuse the merge: the two share no e-mail and no phone.",
			shareOne)
	}
	return nil
}

// alike refuses two leads, and two users where Intercom does not merge those.
func alike(role string) *toolerr.Error {
	return toolerr.New(toolerr.InvalidArgument, "Only a lead can be merged into a user; these are two "+role+"s.",
		"Intercom cannot make these one; choose a lead and a user, or tell the user.").OrByHand(
		"Intercom cannot make these one; choose a lead and a user.")
}

// shareIdentity reports whether two contacts share an e-mail or a phone.
func shareIdentity(a, b *intercom.Contact) bool {
	return a.Email != "" && strings.EqualFold(a.Email, b.Email) || a.Phone != "" && a.Phone == b.Phone
}

// effects tells what a merge would do, by Intercom's own preview where
// the workspace has it. Two users are merged only where it says so.
func (m *mergePreview) effects(ctx context.Context, from, into *intercom.Contact) ([]string, error) {
	users := from.Role == "user"
	preview, err := m.client.Contacts.PreviewMerge(ctx, intercom.Merge{From: from.ID, Into: into.ID, Users: users})
	var upstream *intercom.Error
	refused := errors.As(err, &upstream)
	switch {
	case refused && users && (upstream.Kind() == intercom.KindVersion || upstream.Code == "invalid_merge"):
		return nil, alike(from.Role)
	case refused && upstream.Kind() == intercom.KindVersion:
		return []string{fmt.Sprintf("The %s disappears, and the %s stays: it keeps its own values, takes over what it "+
			"lacks, and gets all conversations, notes, tags and companies.", m.side(from), m.side(into))}, nil
	case err != nil:
		return nil, err
	case !preview.Allowed && users && slices.ContainsFunc(preview.Reasons, wrongRoles):
		return nil, alike(from.Role)
	case !preview.Allowed:
		return nil, m.refused(preview.Reasons)
	}
	lines := m.attributes(ctx, m.afterOthers(m.mask.WithMaskedKept(preview.Attributes, from, into)))
	for _, what := range []string{"conversation", "ticket", "note", "tag", "phone_call"} {
		switch n := preview.Moved[what+"s"].From; {
		case n == 1:
			lines = append(lines, "1 "+strings.ReplaceAll(what, "_", " ")+" moves")
		case n > 1:
			lines = append(lines, text.Plural(n, strings.ReplaceAll(what, "_", " "))+" move")
		}
	}
	return lines, nil
}

// wrongRoles reports whether Intercom does not merge contacts of these roles. Where its rollout has not come, that is
// what it says of two users.
func wrongRoles(reason intercom.MergeReason) bool { return reason.Code == "invalid_merge_role_pair" }

// mergedShown is how many columns the outcomes of custom attributes take. Those of standard fields are always listed.
const mergedShown = 2400

// severalShown is how many columns all outcomes take of several merges together.
const severalShown = 1600

// afterOthers is what Intercom's preview lists, which knows nothing of the merges before it in the same call: a value
// that one of them gives the user stays.
func (m *mergePreview) afterOthers(listed []intercom.MergeAttribute) []intercom.MergeAttribute {
	listed = slices.Clone(listed)
	for i := range listed {
		a := &listed[i]
		if a.Outcome != "adopted" {
			continue
		}
		if value, taken := m.takenOver[a.Field]; taken {
			a.Outcome, a.FromValue, a.NewIntoValue = "discarded", a.NewIntoValue, value
		} else {
			m.takenOver[a.Field] = a.NewIntoValue
		}
	}
	return listed
}

// attributes says what becomes of each attribute in a merge.
func (m *mergePreview) attributes(ctx context.Context, attributes []intercom.MergeAttribute) []string {
	slices.SortStableFunc(attributes, func(a, b intercom.MergeAttribute) int {
		return render.BoolOrder(render.IsAttribute(a.Field), render.IsAttribute(b.Field))
	})
	var lines []string
	size := 0
	for i := range attributes {
		line := m.attribute(ctx, &attributes[i])
		if size += text.Width(line); size > m.room && (m.several || render.IsAttribute(attributes[i].Field)) {
			return append(lines, "and "+text.Plural(len(attributes)-i, "attribute")+" more")
		}
		lines = append(lines, line)
	}
	return lines
}

// attribute says what becomes of one attribute in a merge.
func (m *mergePreview) attribute(ctx context.Context, a *intercom.MergeAttribute) string {
	value := func(v any) string { return m.value(ctx, a.Field, v) }
	field := text.Clip(text.Clean(a.Field), 100)
	if field == "owner_id" {
		field = "owner"
	}
	switch a.Outcome {
	case "discarded":
		return fmt.Sprintf("%s: %s is discarded, %s stays", field, value(a.FromValue), value(a.NewIntoValue))
	case "adopted":
		return fmt.Sprintf("%s: %s is taken over", field, value(a.NewIntoValue))
	case "merged":
		return fmt.Sprintf("%s: together %s", field, value(a.NewIntoValue))
	}
	return fmt.Sprintf("%s: %s becomes %s", field, value(a.IntoValue), value(a.NewIntoValue))
}

// value shows a value of a field that a merge touches: dates as ISO 8601, and owners by their e-mail.
func (m *mergePreview) value(ctx context.Context, field string, v any) string {
	v = m.mask.Visible(field, v)
	if id, ok := v.(string); ok && field == "owner_id" && !m.mask.Policy.Masks(field) {
		if name, err := m.dir.OwnerName(ctx, id); err == nil {
			v = name
		}
	}
	isDate := strings.HasSuffix(field, "_at")
	if strings.HasPrefix(field, directory.CustomPrefix) {
		a, err := m.dir.Attribute(ctx, field)
		isDate = err == nil && record.CustomField(a).Kind == record.KindTime
	}
	return render.Shown(v, isDate, render.ShownValue, text.RevealShort)
}

// mergeReasons are those of Intercom's reasons against a merge that need words of our own: its own name arguments of
// the API, or nothing to do. What nothing can be done about is for the user to know.
var mergeReasons = map[string]struct {
	said, next string
	tell       bool
}{
	"no_shared_identifier":     {"the two share no e-mail and no phone.", shareOne, false},
	"u2u_no_shared_identifier": {"the two share no e-mail and no phone.", shareOne, false},
	"source_has_whatsapp_data": {"the one to disappear has WhatsApp data.",
		"Swap the two if the other one has none", true},
	"facebook_user":                     {"Facebook users can't be merged.", "Leave them apart", true},
	"external_lead_channel_not_allowed": {"", "Leave them apart", true},
	"mailing_list":                      {"", "Leave them apart", true},
}

// shareOne is what to do about two that have no e-mail and no phone in common.
const shareOne = "Choose contacts that share an e-mail or a phone."

// refused words the reasons that Intercom's preview gives against a merge.
func (m *mergePreview) refused(reasons []intercom.MergeReason) *toolerr.Error {
	var why []string
	next, byHand := "Choose a lead and a user that share an e-mail or a phone.", ""
	for _, reason := range reasons {
		ours := mergeReasons[reason.Code]
		if ours.said == "" {
			ours.said = text.Sentence(m.mask.Redact(text.Clip(toolerr.WithoutAPI(intercom.SafeText(reason.Message, nil)), 200)))
		}
		switch {
		case ours.tell:
			next, byHand = ours.next+", or tell the user.", ours.next+"."
		case ours.next != "":
			next, byHand = ours.next, ""
		}
		why = append(why, ours.said)
	}
	return toolerr.New(toolerr.InvalidArgument, "Intercom would refuse the merge: "+strings.Join(why, " "),
		next).OrByHand(byHand)
}
