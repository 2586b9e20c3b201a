package tools

// The ends of what a float64 represents with all its digits: from the smallest
// normal number to what just rounds to the largest one. Readers round the numbers
// below with an effort that some hundred thousand of them make a denial of service.
const (
	smallestDigits, smallestExponent = "22250738585072014", -308
	largestDigits, largestExponent   = "17976931348623158079", 308
)

// exactDigits is how many digits readers round at once. With more of them they may
// have to start again, in steps of an exponent beyond farExponent that take long.
const (
	exactDigits = 19
	farExponent = 22
)

// decimal is a number as it is written, without its sign.
type decimal struct {
	whole, fraction []byte // digits
	exponent        int
}

// refused tells why a number is refused, or nothing. It decides by the digits, and
// computes no value: that is what costs.
func (n decimal) refused() string {
	first, digits, exponent := n.normal()
	head := first[:min(digits, len(first))]
	exponent += n.exponent
	switch {
	case digits == 0:
		return ""
	case exponent > largestExponent, exponent == largestExponent && string(head) >= largestDigits:
		return "a number too large to represent"
	case exponent < smallestExponent, exponent == smallestExponent && string(head) < smallestDigits:
		return "a number too small to represent"
	case digits > exactDigits && (n.exponent > farExponent || n.exponent < -farExponent):
		return "a number of more than 19 digits with an exponent"
	}
	return ""
}

// normal returns the digits from the first that is not zero on: as many as are
// compared, how many there are, and the power of ten that the first one counts,
// the exponent aside.
func (n decimal) normal() (first [len(largestDigits)]byte, digits, power int) {
	for _, part := range [...][]byte{n.whole, n.fraction} {
		for _, c := range part {
			if digits == 0 && c == '0' {
				continue
			}
			if digits < len(first) {
				first[digits] = c
			}
			digits++
		}
	}
	return first, digits, digits - len(n.fraction) - 1
}

// exponent reads the digits of an exponent, as far as it matters.
func exponent(digits []byte, negative bool) int {
	const much = 10 * maxScanNumber
	value := 0
	for _, c := range digits {
		value = min(10*value+int(c-'0'), much)
	}
	if negative {
		return -value
	}
	return value
}
