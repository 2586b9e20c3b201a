package tools

import (
	"context"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// DateOrder is how the dates of a table are written, where not as ISO 8601.
type DateOrder string

// The orders of a date.
const (
	DayFirst   DateOrder = "dmy" // 31/12/2027
	MonthFirst DateOrder = "mdy" // 12/31/2027
)

// cellReader reads the cells of a table.
type cellReader struct {
	dir       *directory.Resolver
	in        *Import
	companies map[string]change.Patch // by cell, since each costs requests
}

// read makes a patch of a cell; an empty one of a cell that says nothing.
func (r *cellReader) read(ctx context.Context, c importColumn, cell string) (change.Patch, error) {
	if strings.TrimSpace(cell) == "" {
		if !r.in.ClearBlank {
			return change.Patch{}, nil
		}
		cell = ""
	}
	var fields ContactFields
	var dates ContactDates
	var links ContactLinks
	var err error
	switch c.field {
	case "tags":
		if links.AddTags, err = cellList(cell); err == nil && len(links.AddTags) == 0 {
			return change.Patch{}, nil
		}
	case "companies":
		return r.linked(ctx, cell)
	case "role":
		role := Role(strings.ToLower(strings.TrimSpace(cell)))
		if dates.Role = &role; role != "user" && role != "lead" {
			err = toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no role; a contact is a user or a lead.",
				text.Clip(text.Clean(cell), 40)), "")
		}
	case "signed_up_at", "last_seen_at":
		var at string
		at, err = r.date(cell)
		if c.field == "signed_up_at" {
			dates.SignedUpAt = &at
		} else {
			dates.LastSeenAt = &at
		}
	case "unsubscribed_from_emails":
		var yes bool
		yes, err = cellBool(cell)
		fields.UnsubscribedFromEmails = &yes
	default:
		err = r.setField(c, cell, &fields)
	}
	if err != nil {
		return change.Patch{}, err
	}
	return contactPatch(ctx, r.dir, fields, dates, links)
}

// setField sets a field of text, or an attribute.
func (r *cellReader) setField(c importColumn, cell string, fields *ContactFields) error {
	if c.field == "phone" || c.field == "external_id" {
		if err := undamaged(c.field, cell); err != nil {
			return err
		}
	}
	if c.attribute == nil {
		*map[string]**string{
			"name": &fields.Name, "email": &fields.Email, "phone": &fields.Phone, "external_id": &fields.ExternalID,
			"owner": &fields.Owner, "avatar": &fields.Avatar, "language_override": &fields.LanguageOverride,
		}[c.field] = &cell
		return nil
	}
	fields.CustomAttributes = map[string]any{c.attribute.Name: nil}
	if cell == "" {
		return nil
	}
	var value any = cell
	var err error
	if len(c.attribute.Options) == 0 {
		switch record.CustomField(c.attribute).Kind {
		case record.KindBool:
			value, err = cellBool(cell)
		case record.KindTime:
			value, err = r.date(cell)
		case record.KindInteger, record.KindFloat:
			value, err = cellNumber(cell)
		}
	}
	fields.CustomAttributes[c.attribute.Name] = value
	return err
}

// linked reads a cell of companies.
func (r *cellReader) linked(ctx context.Context, cell string) (change.Patch, error) {
	if known, ok := r.companies[cell]; ok {
		return known, nil
	}
	names, err := cellList(cell)
	if err != nil || len(names) == 0 {
		return change.Patch{}, err
	}
	patch, err := contactPatch(ctx, r.dir, ContactFields{}, ContactDates{}, ContactLinks{AddCompanies: names})
	if err == nil {
		r.companies[cell] = patch
	}
	return patch, err
}

// cellList reads a list in one cell: a line of CSV itself, whose blanks name nothing.
func cellList(cell string) ([]string, error) {
	if strings.TrimSpace(cell) == "" {
		return nil, nil
	}
	reader := csv.NewReader(strings.NewReader(cell))
	reader.TrimLeadingSpace = true
	list, err := reader.Read()
	if err != nil {
		return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no list.", text.Clip(text.Clean(cell), 60)),
			"Write names with commas between; a name that has a comma goes in quotes.")
	}
	return slices.DeleteFunc(list, func(name string) bool { return strings.TrimSpace(name) == "" }), nil
}

// cellBool reads a yes or no as spreadsheets write it.
func cellBool(cell string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "true", "yes", "1":
		return true, nil
	case "false", "no", "0":
		return false, nil
	}
	return false, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is neither TRUE nor FALSE.",
		text.Clip(text.Clean(cell), 40)), "")
}

// cellNumber refuses a number that can be read in two ways, and one that has lost its last digits.
func cellNumber(cell string) (string, error) {
	cell = strings.TrimSpace(cell)
	if shortened().MatchString(cell) {
		return "", toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q was shortened by a spreadsheet.",
			text.Clip(text.Clean(cell), 40)), "Format the column as a number without decimals, and save the table again.")
	}
	if strings.Contains(cell, ",") {
		return "", toolerr.New(toolerr.InvalidArgument, fmt.Sprintf(
			"%q can be read in two ways: a comma may divide thousands, or begin the decimals.", text.Clip(text.Clean(cell), 40)),
			"Write it as 1234.50.")
	}
	return cell, nil
}

// inExponents is a number with an exponent; shortened is one as a spreadsheet shortens it, which ids and numbers that
// other programs write do not look like.
var (
	inExponents = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\s*\+?\d+([.,]\d+)?[eE]\+?\d+\s*$`)
	})
	shortened = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*-?\d([.,]\d+)?E\+\d+\s*$`) })
)

// undamaged refuses a phone or an external_id that a spreadsheet took for a number.
func undamaged(field, cell string) error {
	damaged := shortened
	if field == "phone" {
		damaged = inExponents
	}
	if !damaged().MatchString(cell) {
		return nil
	}
	return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf(
		"%q was damaged by a spreadsheet, which took the %s for a number.", text.Clip(text.Clean(cell), 40), field),
		"Format the column as text, and enter the "+field+" again.")
}

// writtenDate is a date in figures, with or without a time.
var writtenDate = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$`)
})

// serialDate is a date as spreadsheets number them, for the years 1927 to 2173.
var serialDate = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[1-9]\d{4}([.,]\d+)?$`) })

// isDate refuses what is no date in ISO 8601.
func isDate(cell string) error {
	_, err := record.ParseTime(cell, time.Time{}, record.InUTC)
	switch {
	case serialDate().MatchString(cell):
		return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is a date as a spreadsheet numbers it.",
			text.Clip(cell, 40)), "Format the column as dates such as 2027-12-31, and save the table again.")
	case err != nil, strings.ContainsAny(cell[:1], "+-"): // no day of a table is counted from today
		return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no date.", text.Clip(text.Clean(cell), 40)),
			"Write it as 2027-12-31 or 2027-12-31T09:00:00Z.")
	}
	return nil
}

// date reads a date as ISO 8601: one that is so already, or one in the order of the table.
func (r *cellReader) date(cell string) (string, error) {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		return "", toolerr.New(toolerr.InvalidArgument, "A date cannot be cleared.", "")
	}
	parts := writtenDate().FindStringSubmatch(cell)
	if parts == nil {
		return cell, isDate(cell)
	}
	day, month := parts[1], parts[2]
	switch r.in.Dates {
	case DayFirst:
	case MonthFirst:
		day, month = month, day
	default:
		return "", toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q can be read in two ways: day or month first.", cell),
			"Say which by --dates dmy or --dates mdy, or write dates as 2027-12-31.")
	}
	at := fmt.Sprintf("%s-%02s-%02s", parts[3], month, day)
	if parts[4] != "" {
		at += fmt.Sprintf("T%02s:%s:%02s", parts[4], parts[5], parts[6])
	}
	if _, err := record.ParseTime(at, time.Time{}, record.InUTC); err != nil {
		return "", toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no date, %s read.", cell,
			map[DateOrder]string{DayFirst: "day first", MonthFirst: "month first"}[r.in.Dates]), "")
	}
	return at, nil
}
