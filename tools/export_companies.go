package tools

import (
	"context"
	"encoding/json"
	"fmt"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/record"
)

// ExportCompanies reads all companies, those without people included, by Intercom's scroll, of which a workspace has
// one at a time.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/scrolloverallcompanies
func (p *Pipeline) ExportCompanies(ctx context.Context, call Call) (*Exported, error) {
	tool, offered := p.tool("find_companies")
	if !offered {
		return nil, fmt.Errorf("%w %q", ErrUnknownTool, "find_companies")
	}
	call.Tool = tool.Name
	s := p.newSession(call, tool)
	s.client = s.client.WithPriority(intercom.PriorityBulk)
	attributes, err := s.lists.CompanyAttributes.Get(ctx)
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	exported := &Exported{Columns: []string{"id", "company_id", "name", "plan", "website", "industry", "size",
		"monthly_spend", "user_count", "created_at", "last_request_at"}}
	kinds := make(map[string]record.Kind)
	for i := range attributes {
		if a := &attributes[i]; a.Custom && !a.Archived {
			f := record.CustomField(a)
			exported.Columns = append(exported.Columns, f.Name)
			kinds[f.Name] = f.Kind
		}
	}
	exported.Rows = func(yield func(ExportedRow, error) bool) {
		ctx := intercom.WithUnreadable(ctx, func(odd intercom.Unreadable) {
			if odd.Dropped {
				exported.Gaps.leaveOut(odd)
			}
		})
		for c, err := range s.client.Companies.ScrollAll(ctx) {
			if err != nil {
				yield(ExportedRow{}, s.explain(ctx, err))
				return
			}
			values := make([]any, len(exported.Columns))
			for i, column := range exported.Columns {
				values[i] = companyCell(&c, column, kinds[column])
				exported.Gaps.cell(c.Unread(column))
			}
			if !yield(ExportedRow{Values: values, Total: -1}, nil) {
				return
			}
		}
	}
	return exported, nil
}

// companyCell is a company's value in one column.
func companyCell(c *intercom.Company, column string, kind record.Kind) any {
	switch column {
	case "id":
		return c.ID
	case "company_id":
		return exportValue(record.KindString, c.CompanyID)
	case "user_count":
		return json.Number(fmt.Sprint(c.UserCount))
	case "created_at":
		return exportValue(record.KindTime, nonZero(c.CreatedAt))
	case "last_request_at":
		return exportValue(record.KindTime, nonZero(c.LastRequestAt))
	}
	return exportValue(kind, record.CompanyValue(c, column))
}
