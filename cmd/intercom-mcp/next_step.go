package main

import "strings"

// toWhoRuns readdresses the next steps of tools' errors, which speak to an agent, to the person who runs the program:
// that is the user as well as the operator, and has commands in place of tools that tell of changes.
var toWhoRuns = strings.NewReplacer(
	"Do not retry; tell the operator to copy", "Trying again does not help; copy",
	"Do not retry; tell the operator to ", "Trying again does not help; ",
	"Do not retry; tell the operator.", "Trying again does not help.",
	"Do not retry; tell the user.", "Trying again does not help.",
	"Do not retry; if the user wants it, ", "Trying again does not help; ",
	", then tell the operator: it may be a proxy", "; it may be a proxy",
	", or tell the operator.", ".",
	"; tell the operator.", ".",
	"The operator finds the details in its log.", "The log line above has the details.",
	", or tell the user that the two may be one person", ", or see whether the two are one person",
	", or tell the user.", ".",
	"; tell the user.", ".",
	" Tell the user if that is needed.", "", "Tell the user if that is needed.", "",
	"; ask the user what they want, and wait 10 minutes", "; wait 10 minutes",
	", or ask the user whether", ", or see whether",
	"list_changes shows the changes you may see", "'intercom-mcp changes list' shows the changes that there are",
	"list_changes", "'intercom-mcp changes list'",
	"get_change", "'intercom-mcp call get_change'",
	"cancel_change them", "take them back by 'intercom-mcp changes stop'",
	"cancel_change it", "stop it by 'intercom-mcp changes stop'",
	"cancel_change", "'intercom-mcp changes stop'",
)
