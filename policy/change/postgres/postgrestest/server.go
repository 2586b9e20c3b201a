package postgrestest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// user is the database's only one.
const user = "tester"

// Server is a PostgreSQL server in a folder of its own, that listens on a socket in there.
type Server struct {
	dir     string // holds data and the socket
	options []string
	process *exec.Cmd // nil while it does not run
}

// programs finds the folder of PostgreSQL's programs: on the path, or where Debian puts them, the newest.
var programs = sync.OnceValues(func() (string, error) {
	if found, err := exec.LookPath("initdb"); err == nil {
		found, err = filepath.EvalSymlinks(found)
		return filepath.Dir(found), err
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", errors.New("PostgreSQL is not installed (Debian's package postgresql)")
	}
	slices.SortFunc(found, func(a, b string) int { return len(a) - len(b) })
	return filepath.Dir(found[len(found)-1]), nil
})

// New makes a server and starts it, with settings such as "fsync=off".
func New(settings ...string) (*Server, error) { return NewIn("", settings...) }

// NewIn is New in a certain folder, the one for temporary files where it is "".
func NewIn(folder string, settings ...string) (*Server, error) {
	dir, err := os.MkdirTemp(folder, "pg")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, options: settings}
	if err := errors.Join(giveAway(dir), os.Chmod(dir, 0o700)); err != nil {
		return nil, errors.Join(err, s.Remove())
	}
	err = s.run("initdb", "-D", s.data(), "-U", user, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-N")
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		return nil, errors.Join(err, s.Remove())
	}
	return s, nil
}

// Standby makes a server that follows this one, by what it streams, and starts it.
func (s *Server) Standby(settings ...string) (*Server, error) {
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, err
	}
	standby := &Server{dir: dir, options: settings}
	err = errors.Join(giveAway(dir), os.Chmod(dir, 0o700))
	if err == nil {
		err = standby.run("pg_basebackup", "-h", s.dir, "-U", user, "-D", standby.data(), "-R", "-X", "stream", "-c", "fast",
			"--no-sync", "-d", "application_name=standby")
	}
	if err == nil {
		err = standby.Start()
	}
	if err != nil {
		return nil, errors.Join(err, standby.Remove())
	}
	return standby, nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command is one of PostgreSQL's programs, which refuse to run as root.
func (s *Server) command(program string, args ...string) (*exec.Cmd, error) {
	folder, err := programs()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(folder, program), args...)
	cmd.Dir = s.dir
	return cmd, dropRights(cmd)
}

func (s *Server) run(program string, args ...string) error {
	cmd, err := s.command(program, args...)
	if err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}

// Start starts the server, and returns when it lets somebody in.
func (s *Server) Start() error {
	args := []string{"-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "shared_buffers=16MB", "-c",
		"max_connections=200"}
	for _, setting := range s.options {
		args = append(args, "-c", setting)
	}
	cmd, err := s.command("postgres", args...)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	s.process = cmd
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := s.Exec("", "SELECT 1")
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("postgres does not let anybody in: %w: %s", err, text)
		}
	}
}

// KeepIn has the server keep the tables that are made from now on in a folder that is made inside another one.
func (s *Server) KeepIn(folder string) error {
	dir := filepath.Join(folder, "tables")
	if err := errors.Join(os.Mkdir(dir, 0o700), giveAway(dir)); err != nil {
		return err
	}
	for _, statement := range []string{`CREATE TABLESPACE elsewhere LOCATION '` + dir + `'`,
		`ALTER SYSTEM SET default_tablespace = 'elsewhere'`, `SELECT pg_reload_conf()`} {
		if err := s.Exec("", statement); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends the server: fast lets it finish what it does, else it is killed as by a crash.
func (s *Server) Stop(fast bool) {
	if s.process == nil {
		return
	}
	if fast {
		_ = s.process.Process.Signal(os.Interrupt)
	} else {
		s.killAll()
	}
	_ = s.process.Wait()
	s.process = nil
}

// Promote has a standby take writes.
func (s *Server) Promote() error { return s.run("pg_ctl", "promote", "-w", "-D", s.data()) }

// Remove ends the server and removes its folder.
func (s *Server) Remove() error {
	if s.process != nil {
		_ = s.process.Process.Signal(quit)
		_ = s.process.Wait()
		s.process = nil
	}
	return os.RemoveAll(s.dir)
}

// Socket is the folder of the server's socket, which is the host in a URL.
func (s *Server) Socket() string { return s.dir }

// Address is where its socket is, for a proxy.
func (s *Server) Address() net.Addr {
	return &net.UnixAddr{Name: filepath.Join(s.dir, ".s.PGSQL.5432"), Net: "unix"}
}

// URL names a schema of the server's database.
func (s *Server) URL(schema string) string {
	query := url.Values{"host": {s.dir}, "search_path": {schema}}
	return "postgres://" + user + "@/postgres?" + query.Encode()
}

// Exec runs statements in a schema; "" for the default.
func (s *Server) Exec(schema, statements string) error {
	ctx, enough := context.WithTimeout(context.Background(), 10*time.Second)
	defer enough()
	conn, err := pgconn.Connect(ctx, s.URL(schema))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statements).ReadAll()
	return err
}

// shared is the server of a package's tests.
var shared struct {
	mu     sync.Mutex
	server *Server
	err    error
}

// Shared returns the server of the package's tests, which it starts when it is first needed. Where PostgreSQL is not
// installed, or with -short, the test is skipped. The package's TestMain must call [Main] or [End].
func Shared(t testing.TB) *Server {
	t.Helper()
	Need(t)
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.server == nil && shared.err == nil {
		shared.server, shared.err = New("fsync=off", "full_page_writes=off")
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

// Need skips a test where PostgreSQL cannot be started.
func Need(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts PostgreSQL")
	}
	if _, err := programs(); err != nil {
		t.Skip(err)
	}
	if err := mayRun(); err != nil {
		t.Skip(err)
	}
}

// Schema returns the URL of a schema of the package's server that no other test has, and that is not made yet.
func Schema(t testing.TB) string {
	t.Helper()
	return Shared(t).URL("s_" + strings.ToLower(rand.Text()))
}

// Main runs a package's tests, and ends the server that they may have started.
func Main(m interface{ Run() int }) int {
	code := m.Run()
	end()
	return code
}

func end() {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.server == nil {
		return
	}
	if err := shared.server.Remove(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(os.Stderr, err)
	}
	shared.server = nil
}
