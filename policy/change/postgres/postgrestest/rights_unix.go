//go:build unix

package postgrestest

import (
	"errors"
	"os"
	"os/exec"
	osuser "os/user"
	"strconv"
	"syscall"
)

// quit ends a server at once.
const quit = syscall.SIGQUIT

// owner is the user that servers run as, in the place of root.
func owner() (uid, gid int, err error) {
	known, err := osuser.Lookup("postgres")
	if err != nil {
		return 0, 0, errors.New("PostgreSQL does not run as root, and there is no user postgres")
	}
	uid, err = strconv.Atoi(known.Uid)
	if err == nil {
		gid, err = strconv.Atoi(known.Gid)
	}
	return uid, gid, err
}

// mayRun returns why no server can be started.
func mayRun() error {
	if os.Geteuid() != 0 {
		return nil
	}
	_, _, err := owner()
	return err
}

// giveAway makes a folder that of the user that servers run as.
func giveAway(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	uid, gid, err := owner()
	if err != nil {
		return err
	}
	return os.Chown(dir, uid, gid)
}

// dropRights has a command run as that user, in a process group of its own.
func dropRights(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return nil
	}
	uid, gid, err := owner()
	if err != nil {
		return err
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), NoSetGroups: true}
	return nil
}

// killAll kills the server with all its processes.
func (s *Server) killAll() { _ = syscall.Kill(-s.process.Process.Pid, syscall.SIGKILL) }
