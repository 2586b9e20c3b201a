package sqlite

import (
	"database/sql/driver"
	"strings"

	"modernc.org/sqlite"
)

// fold is a function of SQL: a text in lower case. SQLite's own lower and NOCASE know the letters of ASCII alone.
func init() {
	sqlite.MustRegisterDeterministicScalarFunction("fold", 1,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			if text, ok := args[0].(string); ok {
				return strings.ToLower(text), nil
			}
			return args[0], nil
		})
}
