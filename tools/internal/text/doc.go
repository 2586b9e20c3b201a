// Package text makes text that customers and agents wrote safe to show: it cleans, clips, quotes and reveals.
//
// What may live here: functions from text to text. Nothing here knows Intercom, MCP, a policy or a change, and the
// room imports no other room of this program.
//
// [Clean] is for answers: what hides, reorders or controls is removed, and a [Cleaner] tells of it. What spells stays
// byte for byte, so that a name that was shown can be searched for and written back: joiners and variation selectors
// of emoji, joiners after letters of scripts that are written with them, tags that name a flag, soft hyphens between
// letters, blanks of any kind. Of several in a row only the first spells. [Reveal] is for previews, where a person
// decides about a value: nothing is left out without a word.
//
// [Quote] sets a text apart and isolates right-to-left letters, and [Deceptive] finds names that only look like others.
//
// Texts are cut between grapheme clusters. Widths are an estimate of what a text costs a model, not of how a terminal
// draws it. Whether a joiner makes a difference to the letters around it is not looked into.
package text
