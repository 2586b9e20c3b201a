package main

import (
	"time"

	"intercom-mcp/tools/serve"
)

// askHelp are the help texts of askFlags.
var askHelp = helpTexts{
	"ask_timeout": "How long a call waits for the user's answer; the change then still waits, for confirm_change.",
	"no_elicitation": "Treat clients as ones that cannot ask their user, whatever they declare: what needs a user's yes " +
		"is then unavailable, unless the policy says otherwise.",
}

// askFlags say how the users of clients are asked to confirm changes.
type askFlags struct {
	AskTimeout    time.Duration `variable:"INTERCOM_ASK_TIMEOUT" default:"5m" help:"@ask_timeout"`
	NoElicitation bool          `variable:"INTERCOM_NO_ELICITATION" name:"no-elicitation" help:"@no_elicitation"`
}

// options sets what the flags say.
func (f askFlags) options(o serve.Options) (serve.Options, error) {
	if f.AskTimeout <= 0 {
		return o, &usageError{problem: "--ask-timeout must be longer than 0", try: "--ask-timeout 5m, or --no-elicitation"}
	}
	o.AskTimeout, o.NoElicitation = f.AskTimeout, f.NoElicitation
	return o, nil
}
