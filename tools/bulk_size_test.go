//go:build !race

package tools

// large is the size of the large bulk update.
const large = 10_000
