package tools

import (
	"net/http"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// crashKind is a change that is interrupted: a call with its user's consent.
type crashKind struct {
	name string
	tool string
	args func(w *world) object
	// before is what the call puts back: its arguments name that change.
	before *crashKind
	ends   change.Status // how the change must end; empty: as its items make it
}

// crashKinds are the kinds of changes, by how they are written and how reading
// back proves them.
var crashKinds = []*crashKind{
	{name: "two bulk jobs, a contact fails", tool: "bulk_update_contacts", args: func(w *world) object {
		w.sandbox.FailContact(trial(w.sandbox)[7].ID, "parameter_invalid", "Phone number is on the do-not-touch list")
		return moveTrials
	}},
	crashFew,
	{name: "a tag is refused", tool: "bulk_update_contacts", args: func(w *world) object {
		w.sandbox.AddFault(sandbox.Fault{Method: "POST", Path: "/contacts/*/tags", Status: http.StatusNotFound,
			Message: "Tag not found"})
		return object{"contacts": w.people(20, 3), "set": object{"name": "Same Name", "add_tags": []string{"VIP"}}}
	}, ends: change.StatusPartial},
	{name: "allowed unasked", tool: "update_contact", args: func(w *world) object {
		return object{"contact": w.user(0).ID, "set": object{"name": "Renamed"}}
	}},
	{name: "user by external_id", tool: "create_contact", args: func(*world) object {
		return object{"set": object{"external_id": "crash-1", "email": "crash@example.com", "name": "New Crash",
			"add_tags": []string{"VIP", "Churned"}}}
	}},
	{name: "user by e-mail", tool: "create_contact", args: func(*world) object {
		return object{"set": object{"email": "crash@example.com", "name": "New Crash", "add_tags": []string{"VIP"},
			"add_companies": []string{"company_id:acme"}}}
	}},
	{name: "lead", tool: "create_contact", args: func(*world) object {
		return object{"set": object{"role": "lead", "name": "New Crash"}}
	}},
	{name: "note", tool: "add_note", args: func(w *world) object {
		return object{"contact": w.user(0).ID, "body": "Called back, and then the power went."}
	}},
	{name: "archive", tool: "archive_contacts",
		args: func(w *world) object { return object{"contacts": w.people(20, 3)} }},
	{name: "delete", tool: "delete_contacts", args: func(w *world) object { return object{"contacts": w.people(20, 2)} }},
	{name: "new company", tool: "save_company", args: func(*world) object {
		return object{"company": "company_id:crash", "set": object{"name": "Crash Ltd", "size": 7}}
	}},
	{name: "company", tool: "save_company", args: func(*world) object {
		return object{"company": "company_id:acme", "set": object{"name": "Crash Ltd", "industry": "Rockets"}}
	}},
	{name: "new tag", tool: "create_tag", args: func(*world) object { return object{"name": "Night shift"} }},
	{name: "undo", tool: "undo_change", before: crashFew},
}

// crashFew writes to contacts one by one, which takes three requests each.
var crashFew = &crashKind{name: "few contacts with tags and companies", tool: "bulk_update_contacts",
	args: func(w *world) object {
		return object{"contacts": w.people(20, 4), "set": object{"name": "Same Name", "add_tags": []string{"VIP"},
			"add_companies": []string{"company_id:acme"}}}
	}}

// crashSandbox is the workspace in which a process is to die.
func crashSandbox() *sandbox.Sandbox {
	return sandbox.New(sandbox.Options{Contacts: 200, BulkDelay: crashBulkDelay})
}
