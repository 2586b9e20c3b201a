// Package search is the filter language: what an agent may ask for, what Intercom is asked, and what is checked here
// because Intercom's answer would be wider than the question.
//
// What may live here: filters, operators, conditions, the query that they become, and exact local matching.
//
// A [Selection] is compiled once. Where the API version compares times by whole days of the workspace's zone, the
// query asks for the days around, and [Searcher.Matches] checks each contact exactly. A company's people can be listed
// but not searched, so that every condition beside a company is checked here. A masked field is compared only by = and
// IN on what identifies a contact, since any other comparison would let its value be guessed.
//
// Not guaranteed: Intercom's search lags behind the records, up to minutes.
package search
