// Package script runs scripted tool calls: YAML files that say which tools are called and what is expected of the
// answers.
//
// What may live here: the language, its checks and its report. Which Intercom a script runs in, and which tools are
// offered, is the caller's to decide. Workspace and Faults describe an embedded Intercom, for scripts and for the
// sandbox server alike.
//
// A script is read and checked as a whole before it runs: keys, matchers, regular expressions, paths and variables,
// every problem with its place. The steps then run one after another until one fails. An expectation is compared with
// an answer by walking both: maps may have further keys in the answer, lists may not have further elements, numbers
// compare by value. Where they differ, a line diff shows nothing but the differences.
//
// Not guaranteed: a script that fails in a real workspace takes back nothing of what its steps wrote.
package script

// Help describes the language to those who write scripts.
const Help = `A script is a YAML map: name, about, mode, policy (a file), toolsets, sandbox (its own
workspace) and steps. A step:

  call: search_contacts           the tool
  with: {limit: 5}                its arguments
  expect: {rows: {$size: 5}}      a part of the answer, with values or matchers
  expect_error: not_found         the code of the error, instead
  expect_text: acme               a regular expression on what the model reads
  save: {id: "rows[0][0]"}        keeps a part of the answer; later steps use it as ${id}
  answer: accept                  answers the question that comes: accept, decline or cancel
  as: {roles: [ops]}              who calls, for the policy: principal, roles, email, client
  at: 2026-11-28T22:00:00Z        the time from this step on, for the policy

Maps in expect may have further keys in the answer, lists may not have further elements. Matchers:

  $regexp: text                   the string or number contains a match
  $contains: x                    the string contains the text x, or the list an element that is as x expects
  $size: x                        the length of the list, map or string is as x expects
  $min: n, $max: n                the number is at least, or at most, n
  $present: true, $absent: true   the field is there and not null, or it is not

A tool that is not offered gives the error unknown_tool.`
