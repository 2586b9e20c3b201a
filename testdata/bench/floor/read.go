package main

import (
	"context"
	"strconv"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// tag is a tag as Intercom gives it.
type tag struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// contact is what is shown of a contact.
type contact struct {
	ID         string         `json:"id"`
	Role       string         `json:"role"`
	Name       string         `json:"name"`
	Email      string         `json:"email"`
	Phone      string         `json:"phone"`
	ExternalID string         `json:"external_id"`
	CreatedAt  int64          `json:"created_at"`
	LastSeenAt int64          `json:"last_seen_at"`
	Attributes map[string]any `json:"custom_attributes"`
	Tags       struct {
		Data []tag `json:"data"`
	} `json:"tags"`
}

// table is a list as it is shown.
type table struct {
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
	Total   int        `json:"total"`
}

// listTags shows the tags, which are asked for once.
func (api *intercom) listTags(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	api.once.Do(func() {
		var list struct {
			Data []tag `json:"data"`
		}
		api.failed = api.do(ctx, "GET", "/tags", nil, &list)
		api.tags = list.Data
	})
	if api.failed != nil {
		return nil, api.failed
	}
	t := table{Columns: []string{"id", "name"}, Total: len(api.tags)}
	for _, tag := range api.tags {
		t.Rows = append(t.Rows, []string{tag.ID, tag.Name})
	}
	return mcp.NewToolResultJSON(t)
}

// getContact shows a contact.
func (api *intercom) getContact(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	var c contact
	if err := api.do(ctx, "GET", "/contacts/"+r.GetString("contact", ""), nil, &c); err != nil {
		return nil, err
	}
	return mcp.NewToolResultJSON(c)
}

// searchContacts shows a page of contacts.
func (api *intercom) searchContacts(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	var list struct {
		Data  []contact `json:"data"`
		Total int       `json:"total_count"`
	}
	if err := api.do(ctx, "GET", "/contacts?per_page="+strconv.Itoa(r.GetInt("limit", 20)), nil, &list); err != nil {
		return nil, err
	}
	t := table{Columns: []string{"id", "name", "email", "role", "last_seen_at"}, Total: list.Total}
	for _, c := range list.Data {
		t.Rows = append(t.Rows,
			[]string{c.ID, c.Name, c.Email, c.Role, time.Unix(c.LastSeenAt, 0).UTC().Format(time.DateOnly)})
	}
	return mcp.NewToolResultJSON(t)
}

// updateContact reads a contact, writes to it, and reads it back.
func (api *intercom) updateContact(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	path := "/contacts/" + r.GetString("contact", "")
	var c contact
	if err := api.do(ctx, "GET", path, nil, &c); err != nil {
		return nil, err
	}
	if err := api.do(ctx, "PUT", path, r.GetArguments()["set"], &c); err != nil {
		return nil, err
	}
	if err := api.do(ctx, "GET", path, nil, &c); err != nil {
		return nil, err
	}
	return mcp.NewToolResultJSON(c)
}
