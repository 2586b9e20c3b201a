package stored

import (
	"database/sql"

	"intercom-mcp/policy/change"
)

// Met returns the number of the first change, among those of the items that each reads, of which an item is met by what
// is pending of another; 0 where there is none. Each reads numbers of changes and bodies of items.
func Met(pending change.Contenders, each func(do func(*sql.Rows) error) error) (met int64, err error) {
	reader := NewItemReader()
	var number int64
	var body sql.RawBytes
	err = each(func(rows *sql.Rows) error {
		if err := rows.Scan(&number, &body); err != nil || met != 0 {
			return err
		}
		item, err := reader.Decode(body)
		if pending.Meet(&item) {
			met = number
		}
		return err
	})
	return met, err
}
