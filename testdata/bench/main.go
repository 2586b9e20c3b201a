package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures the chosen rows and prints the table.
func run(ctx context.Context) error {
	bin := flag.String("bin", "bin", "directory of the programs intercom-mcp, bench-floor and bench-floor-start")
	only := flag.String("only", "", "measure only the rows whose name matches this regular expression")
	rounds := flag.Int("rounds", 5, "how often each row is measured")
	span := flag.Duration("span", time.Second, "how long one measurement of a row takes")
	flag.Parse()
	chosen, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	w, err := newWorld(ctx, *bin, *span)
	if err != nil {
		return err
	}
	defer w.close()
	if err := printDisk(w.dir); err != nil {
		return err
	}
	printHeader()
	for _, row := range slices.Concat(startRows(), readRows(), writeRows(), memoryRows()) {
		if !chosen.MatchString(row.name) {
			continue
		}
		result, err := w.measure(ctx, row, *rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
		result.print()
	}
	return nil
}
