//go:build !unix

package postgrestest

import (
	"errors"
	"os"
	"os/exec"
)

// quit ends a server at once.
var quit = os.Kill

func mayRun() error { return errors.New("PostgreSQL is tried on Unix alone") }

func giveAway(string) error { return nil }

func dropRights(*exec.Cmd) error { return nil }

func (s *Server) killAll() { _ = s.process.Process.Kill() }
