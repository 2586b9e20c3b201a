package change

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ranges writes numbers in short: 0-98,100.
func ranges(numbers []int) string {
	numbers = slices.Compact(slices.Sorted(slices.Values(numbers)))
	var parts []string
	for len(numbers) > 0 {
		n := 1
		for n < len(numbers) && numbers[n] == numbers[0]+n {
			n++
		}
		part := strconv.Itoa(numbers[0])
		if n > 1 {
			part = fmt.Sprintf("%d-%d", numbers[0], numbers[n-1])
		}
		parts = append(parts, part)
		numbers = numbers[n:]
	}
	return strings.Join(parts, ",")
}

// eachInRanges calls do for each number that [ranges] wrote, all of which are below limit.
func eachInRanges(text string, limit int, do func(int)) error {
	if text == "" {
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err != nil || err2 != nil || from < 0 || from > to || to >= limit {
			return fmt.Errorf("%q are no numbers below %d", part, limit)
		}
		for n := from; n <= to; n++ {
			do(n)
		}
	}
	return nil
}
