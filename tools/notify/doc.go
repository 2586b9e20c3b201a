// Package notify sends the notices of a store to a webhook: that a change waits for approvers, was approved, declined,
// stopped, or failed, that writes were frozen, and that the audit trail is broken.
//
// What may live here: the body of a notice, its signature, and the sender. Nothing here knows Intercom, MCP, or what a
// change holds: a notice carries a reference, a severity, an expiry and a link, and whoever follows the link has to
// sign in to see more.
//
// The store writes notices together with what they tell ([change.Outbox]), so that none is lost with a process, and no
// call waits for a receiver. Each second a sender takes those that are due, by a lease, and posts each; any server on
// the store may. The bodies are JSON that Slack and its likes show by its text, signed as Standard Webhooks has it.
// What is not taken with a status of 2xx is posted again after 5 seconds, then 10, up to 15 minutes, for a day; a
// notice that a change waits, until it does not any more. Then it is given up, which the audit trail records.
//
// Not guaranteed: that a notice arrives once (a sender that dies after it was taken sends it again, with the same
// webhook-id), and that notices arrive in their order. A redirect is not followed. Where the receiver is, private
// addresses included, is the operator's choice.
//
// https://www.standardwebhooks.com
package notify
