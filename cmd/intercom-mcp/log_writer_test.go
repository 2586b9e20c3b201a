package main

import (
	"bufio"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// Who logs never waits for a stderr that nobody reads; once it is read, the lines are told that are missing.
func TestLogWriterDropsWhatIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, in := io.Pipe()
		w := newLogWriter(in, func(dropped int) []byte { return fmt.Appendf(nil, "%d dropped\n", dropped) })
		for n := range 3 * maxLogLines {
			fmt.Fprintf(w, "line %d\n", n)
		}
		lines := bufio.NewScanner(out)
		kept := 0
		for ; kept < maxLogLines-10; kept++ {
			if lines.Scan(); lines.Text() != fmt.Sprintf("line %d", kept) {
				t.Fatalf("line %d is %q", kept, lines.Text())
			}
		}
		synctest.Wait()
		fmt.Fprintf(w, "last\n")
		go w.close()
		told := 0
		for lines.Scan() && lines.Text() != "last" {
			dropped := 0
			if _, err := fmt.Sscanf(lines.Text(), "%d dropped", &dropped); err != nil {
				kept++
			}
			told += dropped
		}
		if kept+told != 3*maxLogLines || told == 0 {
			t.Errorf("%d lines, and %d dropped", kept, told)
		}
		out.Close()
	})
}

// A command ends though its stderr takes nothing.
func TestLogWriterCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, in := io.Pipe()
		w := newLogWriter(in, func(int) []byte { return nil })
		for range 2 * maxLogLines {
			fmt.Fprintln(w, "line")
		}
		began := time.Now()
		w.close()
		if took := time.Since(began); took != logPatience {
			t.Errorf("closing took %v", took)
		}
		fmt.Fprintln(w, "more")
		w.close()
		out.Close()
	})
}
