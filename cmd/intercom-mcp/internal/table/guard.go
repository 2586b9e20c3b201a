package table

import "strings"

// formulas are the first characters that make a spreadsheet run a cell.
// https://owasp.org/www-community/attacks/CSV_Injection
const formulas = "=+-@\t\r"

// Guard puts a ' before a cell that a spreadsheet would run as a formula, and before one that begins with such a '.
func Guard(cell string) string {
	if guardable(cell) {
		return "'" + cell
	}
	return cell
}

// Unguard takes off what [Guard] puts before a cell, and nothing else.
func Unguard(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && guardable(rest) {
		return rest
	}
	return cell
}

// guardable reports whether a cell begins as a formula does, after any number of '.
func guardable(cell string) bool {
	rest := strings.TrimLeft(cell, "'")
	return rest != "" && strings.IndexByte(formulas, rest[0]) >= 0
}
