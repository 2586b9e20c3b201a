package stored

import (
	"database/sql"

	"intercom-mcp/policy/change"
)

// Meets reports whether one of the items of a change, whose bodies each reads, is met by what is pending of another.
func Meets(pending change.Contenders, each func(do func(*sql.Rows) error) error) (meets bool, err error) {
	reader := NewItemReader()
	var body sql.RawBytes
	err = each(func(rows *sql.Rows) error {
		if err := rows.Scan(&body); err != nil || meets {
			return err
		}
		item, err := reader.Decode(body)
		meets = pending.Meet(&item)
		return err
	})
	return meets, err
}
