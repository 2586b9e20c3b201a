// Package text makes text that customers and agents wrote safe to show: it cleans, clips, quotes and reveals.
//
// What may live here: functions from text to text. Nothing here knows Intercom, MCP, a policy or a change, and the
// room imports no other room of this program.
//
// [Quote] sets a text apart and isolates right-to-left letters, and [Deceptive] finds names that only look like others.
//
// [Clean] is for answers: what controls, reorders or hides is removed. [Reveal] is for previews, where a person
// decides about a value: nothing is removed without a word. Widths are an estimate of what a text costs a model, not
// of how a terminal draws it.
package text
