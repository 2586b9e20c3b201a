package tools

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// companyWriteTools are the tools for the writing of companies.
func companyWriteTools() []Tool {
	return []Tool{
		{
			Name: "save_company", Title: "Save a company", Set: companySet, Effect: policy.Write, Idempotent: true,
			Run: plans(saveCompany),
			Doc: "Write fields of a company, or create one under a new company_id.",
		},
		{
			Name: "attach_company", Title: "Attach to a company", Set: companySet, Effect: policy.Write, Idempotent: true,
			Run: plans(attachCompany),
			Doc: "Put contacts into a company.",
		},
		{
			Name: "detach_company", Title: "Detach from a company", Set: companySet, Effect: policy.Write, Idempotent: true,
			Run: plans(detachCompany),
			Doc: "Take contacts out of a company.",
		},
		{
			Name: "delete_company", Title: "Delete a company", Set: companySet, Effect: policy.Destroy, Idempotent: true,
			Run: plans(deleteCompany),
			Doc: "Delete a company for good; its people stay.",
		},
	}
}

// SaveCompanyInput is what to write to a company.
type SaveCompanyInput struct {
	// company reference; a new company_id:… creates
	Company string `json:"company"`
	// what to write
	Set CompanySet `json:"set"`
}

// CompanySet is what a company can be given. A pointer that is nil leaves its field alone.
type CompanySet struct {
	// name
	Name *string `json:"name,omitempty"`
	// name of the plan
	Plan *string `json:"plan,omitempty"`
	// employees
	Size *int64 `json:"size,omitempty" jsonschema:"minimum=0"`
	// URL
	Website *string `json:"website,omitempty"`
	// industry
	Industry *string `json:"industry,omitempty"`
	// whole number
	MonthlySpend *int64 `json:"monthly_spend,omitempty" jsonschema:"minimum=0,maximum=2147483647"`
	// by NAME; null clears
	CustomAttributes map[string]any `json:"custom_attributes,omitempty"`
}

// saveCompany plans to write to a company, or to create it.
func saveCompany(ctx context.Context, s *session, in SaveCompanyInput) (*draft, error) {
	ref, _ := directory.ParseReference(in.Company, "company_id", "companies") // dir.Company tells what is wrong with it
	var bad toolerr.Several
	patch, err := companyPatch(ctx, s.dir, in.Set)
	if err = bad.Add("", err); err != nil {
		return nil, err
	}
	c, err := s.dir.Company(ctx, in.Company)
	var toolErr *toolerr.Error
	if errors.As(err, &toolErr) && toolErr.Code == toolerr.NotFound && ref.Key != "" {
		return createCompany(ref.Key, patch), bad.Err()
	}
	if toolErr != nil && toolErr.Code == toolerr.NotFound && ref.Name != "" {
		toolErr.Next = "To create it, write company_id:… with an id of your own and the name in set; find_companies lists " +
			"those there are."
	}
	if err = cmp.Or(bad.Add("company", err), bad.Err()); err != nil {
		return nil, err
	}
	planner := s.planner()
	if err := planner.Company(ctx, c, companyLabel(c), patch); err != nil {
		return nil, err
	}
	return &draft{verb: "save", noun: "company", items: planner.Items}, nil
}

// createCompany plans a new company under the caller's own id.
func createCompany(key string, patch change.Patch) *draft {
	patch.Op, patch.Key = change.CreateCompany, key
	return &draft{
		verb: "create", noun: "company", irreversible: "a company that was created is not deleted by undo_change.",
		sideEffects: []string{"Intercom lists a company once somebody is in it."},
		items:       []change.Item{{Label: text.Quote(text.Clip(text.Clean(key), 60)), Patch: patch}},
	}
}

// companyLabel is how a person knows a company: by its name, which others may have
// too, and by the id that its owner gave it.
func companyLabel(c *intercom.Company) string {
	name, key := text.Clip(text.Marked(c.Name), 60), text.Clip(text.Marked(c.CompanyID), 40)
	switch {
	case name != "" && key != "":
		return text.Quote(name) + " (company_id " + text.Quote(key) + ")"
	case name != "" || key != "":
		return text.Quote(name + key)
	}
	return c.ID
}

// companyPatch checks a company's set. The error names all that is wrong.
func companyPatch(ctx context.Context, dir *directory.Resolver, in CompanySet) (change.Patch, error) {
	p := change.Patch{Op: change.SaveCompany, Set: make(map[string]any)}
	var bad toolerr.Several
	for _, text := range []struct {
		field string
		value *string
	}{{"name", in.Name}, {"plan", in.Plan}, {"website", in.Website}, {"industry", in.Industry}} {
		if text.value == nil {
			continue
		}
		value := strings.TrimSpace(*text.value)
		if value == "" || len([]rune(value)) > record.MaxAttributeText {
			_ = bad.Add("", toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("set.%s: must have 1 to %d characters.",
				text.field, record.MaxAttributeText), "Correct it."))
		}
		p.Set[text.field] = value
	}
	for field, value := range map[string]*int64{"size": in.Size, "monthly_spend": in.MonthlySpend} {
		if value != nil {
			p.Set[field] = json.Number(fmt.Sprint(*value))
		}
	}
	err := setAttributes(ctx, dir, dir.Lists.CompanyAttributes, &p, in.CustomAttributes, &bad)
	if err = cmp.Or(err, bad.Err()); err != nil {
		return p, err
	}
	if len(p.Set) == 0 {
		return p, toolerr.New(toolerr.InvalidArgument, "set: nothing to write.", "Name at least one field.")
	}
	return p, nil
}

// CompanyContactsInput names a company and contacts.
type CompanyContactsInput struct {
	// contact references
	Contacts []string `json:"contacts" jsonschema:"minItems=1,maxItems=200"`
	// company reference
	Company string `json:"company"`
}

// attachCompany plans to put contacts into a company.
func attachCompany(ctx context.Context, s *session, in CompanyContactsInput) (*draft, error) {
	return planCompany(ctx, s, in, "attach",
		func(p *change.Patch, company change.Ref) { p.AddCompanies = []change.Ref{company} })
}

// detachCompany plans to take contacts out of a company.
func detachCompany(ctx context.Context, s *session, in CompanyContactsInput) (*draft, error) {
	return planCompany(ctx, s, in, "detach",
		func(p *change.Patch, company change.Ref) { p.RemoveCompanies = []change.Ref{company} })
}

func planCompany(ctx context.Context, s *session, in CompanyContactsInput, verb string,
	write func(*change.Patch, change.Ref)) (*draft, error) {
	var bad toolerr.Several
	var patch change.Patch
	refs, err := companyRefs(ctx, s.dir, []string{in.Company}, "company")
	if err == nil {
		write(&patch, refs[0])
	} else if err = bad.Add("", err); err != nil {
		return nil, err
	}
	return planSame(ctx, s, &draft{verb: verb}, in.Contacts, missing{}, patch, &bad)
}

// DeleteCompanyInput names a company.
type DeleteCompanyInput struct {
	// company reference
	Company string `json:"company"`
}

// deleteCompany plans to delete a company.
func deleteCompany(ctx context.Context, s *session, in DeleteCompanyInput) (*draft, error) {
	c, err := s.dir.Company(ctx, in.Company)
	if err != nil {
		return nil, toolerr.At(err, "company")
	}
	return &draft{
		verb: "delete", noun: "company", irreversible: "Intercom offers no way to bring a deleted company back.",
		sideEffects: []string{text.Plural(int(c.UserCount), "contact") + " will no longer be in it; they stay."},
		items:       []change.Item{{TargetID: c.ID, Label: companyLabel(c), Patch: change.Patch{Op: change.DeleteCompany}}},
	}, nil
}
