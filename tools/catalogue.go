package tools

import (
	"slices"

	"intercom-mcp/policy"
)

// Sets lists the toolsets, in the catalogue's order.
func Sets() []string {
	var sets []string
	for _, tool := range Catalogue() {
		if !slices.Contains(sets, tool.Set) {
			sets = append(sets, tool.Set)
		}
	}
	return sets
}

// Catalogue returns every tool, in the order in which tools are listed.
func Catalogue() []Tool {
	return slices.Concat(contactTools(), bulkTools(), tagTools(), noteTools(), companyTools(), segmentTools(), changeTools())
}

func contactTools() []Tool {
	return []Tool{
		{
			Name: "search_contacts", Title: "Search contacts", Set: "contacts", Effect: policy.Read, Run: reads(searchContacts),
			Doc: "Find users and leads by name or e-mail (query) or conditions (where). Times in rows are UTC days. Recent changes can take minutes to show.",
		},
		{
			Name: "get_contact", Title: "Get a contact", Set: "contacts", Effect: policy.Read, Run: reads(getContact),
			Doc: "Read one contact with its custom attributes, tags and companies; notes and segments on request.",
		},
		{
			Name: "list_attributes", Title: "List attributes", Set: "contacts", Effect: policy.Read, Run: reads(listAttributes),
			Doc: "List the custom attributes of contacts or companies.",
		},
		{
			Name: "create_contact", Title: "Create a contact", Set: "contacts", Effect: policy.Write, Run: plans(createContact),
			Doc: "Create a user or a lead. Where one exists already, the error carries its id.",
		},
		{
			Name: "update_contact", Title: "Update a contact", Set: "contacts", Effect: policy.Write, Idempotent: true, Run: plans(updateContact),
			Doc: "Write fields, attributes, tags and companies of one contact. What set leaves out stays.",
		},
		{
			Name: "archive_contacts", Title: "Archive contacts", Set: "contacts", Effect: policy.Write, Idempotent: true, Run: plans(archiveContacts),
			Doc: "Take contacts out of every list, until unarchived.",
		},
		{
			Name: "unarchive_contacts", Title: "Unarchive contacts", Set: "contacts", Effect: policy.Write, Idempotent: true, Run: plans(unarchiveContacts),
			Doc: "Bring archived contacts back.",
		},
		{
			Name: "delete_contacts", Title: "Delete contacts", Set: "contacts", Effect: policy.Destroy, Idempotent: true, Run: plans(deleteContacts),
			Doc: "Delete contacts for good, with their history; archive_contacts can be undone.",
		},
		{
			Name: "merge_contacts", Title: "Merge contacts", Set: "contacts", Effect: policy.Destroy, Run: plans(mergeContacts),
			Doc: "Merge a lead into a user with the same e-mail or phone, for good; the preview tells what becomes of their fields.",
		},
		{
			Name: "block_contact", Title: "Block a contact", Set: "contacts", Effect: policy.Destroy, Idempotent: true, Run: plans(blockContact),
			Doc: "Block a contact for good and archive their conversations.",
		},
	}
}

func bulkTools() []Tool {
	return []Tool{{
		Name: "bulk_update_contacts", Title: "Update many contacts", Set: "bulk", Effect: policy.Write, Idempotent: true, Run: plans(bulkUpdateContacts),
		Doc: "Write to up to 10,000 contacts: give contacts with set, where with set, or updates. Targets are frozen when planned; outcomes come from reading back.",
	}}
}

func tagTools() []Tool {
	return []Tool{
		{
			Name: "list_tags", Title: "List tags", Set: "tags", Effect: policy.Read, Run: reads(listTags),
			Doc: "List the tags.",
		},
		{
			Name: "tag_contacts", Title: "Tag contacts", Set: "tags", Effect: policy.Write, Idempotent: true, Run: plans(tagContacts),
			Doc: "Put a tag on up to 200 contacts.",
		},
		{
			Name: "untag_contacts", Title: "Untag contacts", Set: "tags", Effect: policy.Write, Idempotent: true, Run: plans(untagContacts),
			Doc: "Take a tag off up to 200 contacts.",
		},
		{
			Name: "delete_tag", Title: "Delete a tag", Set: "tags", Effect: policy.Destroy, Idempotent: true, Run: plans(deleteTag),
			Doc: "Delete a tag from the workspace, and so from all who have it. One that a segment uses stays.",
		},
	}
}

func noteTools() []Tool {
	return []Tool{
		{
			Name: "list_notes", Title: "List notes", Set: "notes", Effect: policy.Read, Run: reads(listNotes),
			Doc: "List the notes on a contact, newest first.",
		},
		{
			Name: "add_note", Title: "Add a note", Set: "notes", Effect: policy.Write, Run: plans(addNote),
			Doc: "Add an internal note to a contact. Notes cannot be edited or deleted.",
		},
	}
}

func companyTools() []Tool {
	return []Tool{
		{
			Name: "find_companies", Title: "Find companies", Set: "companies", Effect: policy.Read, Run: reads(findCompanies),
			Doc: "Find companies that have people, by part of the name or company_id.",
		},
		{
			Name: "get_company", Title: "Get a company", Set: "companies", Effect: policy.Read, Run: reads(getCompany),
			Doc: "Read one company.",
		},
		{
			Name: "list_company_contacts", Title: "List a company's contacts", Set: "companies", Effect: policy.Read, Run: reads(listCompanyContacts),
			Doc: "List a company's people; search_contacts with the field company narrows them.",
		},
		{
			Name: "save_company", Title: "Save a company", Set: "companies", Effect: policy.Write, Idempotent: true, Run: plans(saveCompany),
			Doc: "Write fields of a company, or create one under a new company_id.",
		},
		{
			Name: "attach_company", Title: "Attach to a company", Set: "companies", Effect: policy.Write, Idempotent: true, Run: plans(attachCompany),
			Doc: "Put contacts into a company.",
		},
		{
			Name: "detach_company", Title: "Detach from a company", Set: "companies", Effect: policy.Write, Idempotent: true, Run: plans(detachCompany),
			Doc: "Take contacts out of a company.",
		},
		{
			Name: "delete_company", Title: "Delete a company", Set: "companies", Effect: policy.Destroy, Idempotent: true, Run: plans(deleteCompany),
			Doc: "Delete a company for good; its people stay.",
		},
	}
}

func segmentTools() []Tool {
	return []Tool{{
		Name: "list_segments", Title: "List segments", Set: "segments", Effect: policy.Read, Run: reads(listSegments),
		Doc: "List the segments; search_contacts finds their members.",
	}}
}

func changeTools() []Tool {
	return []Tool{
		{
			Name: "get_change", Title: "Get a change", Set: "changes", Effect: policy.Read, Run: reads(getChange),
			Doc: "Show where a change stands: preview, progress, outcome by contact.",
		},
		{
			Name: "list_changes", Title: "List changes", Set: "changes", Effect: policy.Read, Run: reads(listChanges),
			Doc: "List your changes, newest first.",
		},
		{
			Name: "confirm_change", Title: "Confirm a change", Set: "changes", Effect: policy.Write, Idempotent: true, Run: controls(confirmChange),
			Doc: "Carry out a waiting change, once the user agreed to its preview. Again, it returns the receipt.",
		},
		{
			Name: "cancel_change", Title: "Cancel a change", Set: "changes", Effect: policy.Write, Idempotent: true, Run: controls(cancelChange),
			Doc: "Take back a waiting change, or stop a running one; what was written stays.",
		},
		{
			Name: "undo_change", Title: "Undo a change", Set: "changes", Effect: policy.Write, Idempotent: true, Run: plans(undoChange),
			Doc: "Put back what a change wrote, where it is still so. The undo is a change of its own.",
		},
	}
}
