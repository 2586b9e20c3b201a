package strictjson

import (
	"bytes"
	"strconv"
)

// The ends of what a float64 represents with all its digits: from the smallest normal number to what just rounds to the
// largest one. Readers round the numbers below with an effort that some hundred thousand of them make a denial of
// service.
const (
	smallestDigits, smallestPower = "22250738585072014", -308
	largestDigits, largestPower   = "17976931348623158079", 308
)

// exactDigits is how many digits readers round at once. With more of them they may have to start again, in steps of an
// exponent beyond farExponent that take long.
const (
	exactDigits = 19
	farExponent = 22
)

// badNumber tells why a number is refused, or is empty. It decides by the digits: to compute values is what costs.
func badNumber(text []byte) string {
	if len(text) > MaxNumber {
		return "a number of more than " + strconv.Itoa(MaxNumber) + " characters"
	}
	if len(text) <= exactDigits && isInteger(text) { // most numbers
		return ""
	}
	digits, power, exponent := scientific(text)
	switch {
	case digits == "":
		return ""
	case power > largestPower, power == largestPower && digits >= largestDigits:
		return "a number too large to represent"
	case power < smallestPower, power == smallestPower && digits < smallestDigits:
		return "a number too small to represent"
	case len(digits) > exactDigits && (exponent > farExponent || exponent < -farExponent):
		return "a number of more than 19 digits with an exponent"
	}
	return ""
}

// isInteger reports whether a number is written without a fraction and an exponent.
func isInteger(text []byte) bool {
	for _, c := range text {
		if c != '-' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// scientific returns the digits of a number from the first that is not zero on, the power of ten that this one counts,
// and the exponent as it is written, as far as that matters.
func scientific(text []byte) (digits string, power, exponent int) {
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		// A number out of the range of int comes as the end of that range.
		exponent, _ = strconv.Atoi(string(text[i+1:]))
		exponent = min(max(exponent, -10*MaxNumber), 10*MaxNumber)
		text = text[:i]
	}
	whole, fraction, _ := bytes.Cut(bytes.TrimPrefix(text, []byte("-")), []byte("."))
	all := append(whole[:len(whole):len(whole)], fraction...)
	first := bytes.TrimLeft(all, "0")
	return string(first), len(whole) - 1 - (len(all) - len(first)) + exponent, exponent
}
