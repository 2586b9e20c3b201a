package demo

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What is edited in the table.
const (
	editedRows = 12
	newPlan    = "pro"
)

// roundTrip exports a table, edits some of its rows as a person does in a spreadsheet, and imports it.
func (d *demo) roundTrip(ctx context.Context) error {
	d.heading("A person edits a table of contacts, without any agent")
	if err := d.run(ctx, "export", "contacts", "--where", "custom_attributes.plan = trial", "--output",
		"people.csv"); err != nil {
		return err
	}
	edited, rows, err := editTable(filepath.Join(d.dir, "people.csv"))
	if err != nil {
		return err
	}
	d.say("   The table has %d rows. In %d of them the person writes %q into the column of the plan.", rows, len(edited),
		newPlan)
	before := d.state()
	if err := d.run(ctx, "import", "people.csv", "--match", "id", "--yes"); err != nil {
		return err
	}
	done := 0
	for _, id := range edited {
		if c, ok := d.Workspace.Contact(id); ok && c.CustomAttributes["plan"] == newPlan {
			done++
		}
	}
	d.check(done == len(edited) && len(edited) == editedRows, "%d of %d people have plan %q", done, len(edited), newPlan)
	d.check(before.sameExcept(d.state(), edited), "nobody else was touched")
	return nil
}

// run runs this program in the story's directory, and shows the command and what it says.
func (d *demo) run(ctx context.Context, args ...string) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	d.say("   %s", d.Style.Cyan("intercom-mcp "+strings.Join(args, " ")))
	cmd, err := ownEnvironment(ctx, program, nil, append(args, "--base-url", d.URL, "--state", d.statePath()))
	if err != nil {
		return err
	}
	cmd.Dir = d.dir
	out, err := cmd.CombinedOutput()
	d.quote(string(out), 8)
	if err != nil {
		return fmt.Errorf("intercom-mcp %s: %w", args[0], err)
	}
	return nil
}

// editTable changes the plan in the first rows of a table, and returns the ids of these contacts, and how many rows
// there are.
func editTable(path string) (edited []string, rows int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	all, err := csv.NewReader(file).ReadAll()
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, 0, err
	}
	id, plan := slices.Index(all[0], "id"), slices.Index(all[0], "custom_attributes.plan")
	if id < 0 || plan < 0 || len(all) <= editedRows {
		return nil, 0, fmt.Errorf("the exported table has the columns %q and %d rows", all[0], len(all)-1)
	}
	for _, row := range all[1 : 1+editedRows] {
		row[plan] = newPlan
		edited = append(edited, row[id])
	}
	if file, err = os.Create(path); err != nil {
		return nil, 0, err
	}
	return edited, len(all) - 1, errors.Join(csv.NewWriter(file).WriteAll(all), file.Close())
}
