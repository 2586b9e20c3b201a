package tools

import (
	"errors"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// listCommand is where a person looks who has lost the handle of a change.
const listCommand = "'intercom-mcp changes list' shows the changes that there are."

// showCommand is the command by which a person looks at a change.
func showCommand(id string) string { return "'intercom-mcp changes show " + id + "'" }

// goOnCommand tells by which command a person looks at a change that may be without a process that works at it.
func goOnCommand(id string) string {
	return `intercom-mcp call get_change '{"change":"` + id + `"}' tells, and ends it if its process was killed.`
}

// storeError words an error of the store of changes for whoever makes the call. A person who makes it by hand is told
// the cause, which is then not logged besides.
func (s *session) storeError(err error) (told *toolerr.Error, logged string) {
	told, logged = agentsStoreError(err)
	if s.call.ByHand != "" && told != nil && told.Code == toolerr.StoreUnavailable {
		told.Message, logged = text.Sentence(err.Error()), ""
	}
	return told, logged
}

// agentsStoreError words an error of the store of changes for an agent, and says what is logged of it; it is nil for
// any other.
func agentsStoreError(err error) (told *toolerr.Error, logged string) {
	var frozen *change.FrozenError
	switch {
	case errors.As(err, &frozen):
		return toolerr.New(toolerr.PolicyDenied, text.Capitalise(text.Sentence(frozen.Error())),
			"Nothing was changed; reading goes on.").With("rule", "freeze"), ""
	case errors.Is(err, change.ErrNotFound):
		return toolerr.New(toolerr.NotFound, "There is no such change.",
			"list_changes shows the changes you may see.").OrByHand(listCommand), ""
	case errors.Is(err, change.ErrWrongWorkspace):
		return toolerr.New(toolerr.StoreUnavailable, "The server's state file keeps the changes of another workspace.",
				"Nothing was changed; tell the operator.").OrByHand(
				"Nothing was changed; name the state of this workspace by --state, or leave --state out."),
			"the store of changes is another workspace's"
	case errors.Is(err, change.ErrUnsettled):
		return toolerr.New(toolerr.OutcomeUnknown,
				"The server's store of changes did not answer whether it recorded this.",
				"If it did, it may yet be carried out: look at list_changes before you ask again, and tell the operator.").OrByHand(
				"If it did, it may yet be carried out: look at 'intercom-mcp changes list' before you try again."),
			"the store of changes does not answer"
	case errors.Is(err, change.ErrUnavailable):
		return storeUnavailable(err), "the store of changes fails"
	}
	return nil, ""
}

// storeUnavailable says what failed, without the cause: that is the operator's.
func storeUnavailable(err error) *toolerr.Error {
	message := "The server's store of changes is unavailable now."
	var known *change.UnavailableError
	if errors.As(err, &known) {
		message = "The server's store of changes failed at " + known.Doing + "."
	}
	return toolerr.New(toolerr.StoreUnavailable, message,
		"Nothing was changed; tell the operator. Reading Intercom goes on.").OrByHand(
		"Nothing was changed; 'intercom-mcp doctor' with the same --state says what to do.")
}
