//go:build race

package tools

// large is the size of the large bulk update: the race detector makes each
// contact ten times as dear.
const large = 2_000
