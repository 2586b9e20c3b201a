package table

import "strings"

// formulas are the first characters that make a spreadsheet run a cell.
// https://owasp.org/www-community/attacks/CSV_Injection
const formulas = "=+-@\t\r"

// guard puts a ' before a cell that a spreadsheet would run as a formula, and before one that begins with such a '.
func guard(cell string) string {
	if guardable(cell) {
		return "'" + cell
	}
	return cell
}

// unguard takes off what [guard] puts before a cell, and nothing else.
func unguard(cell string) string {
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
