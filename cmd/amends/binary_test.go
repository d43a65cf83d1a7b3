package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// program builds the binary once, with the steps at which a test can stop it.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "amends-binary-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "amends")
	out, err := exec.Command("go", "build", "-tags", "crashpoints", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if stopNetwork != nil {
		stopNetwork()
	}
	if path, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// A server is the binary, serving one folder.
type server struct {
	t     testing.TB
	cmd   *exec.Cmd
	base  string // of the console
	token string
	log   *bytes.Buffer
	ended chan struct{}
}

// serve starts the binary and waits for its "open " line. An empty crash lets
// it live.
func serve(t testing.TB, dir, config, crash string, args ...string) *server {
	t.Helper()
	if config != "" {
		args = append(args, "--config", config)
	}
	return start(t, crash, append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}, args...)...)
}

// start runs a command that serves, until it has said where.
func start(t testing.TB, crash string, args ...string) *server {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, cmd: exec.Command(path, args...), log: &bytes.Buffer{}, ended: make(chan struct{})}
	s.cmd.Env = append(os.Environ(), "AMENDS_CRASH_AT="+crash)
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	open := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if a, ok := strings.CutPrefix(lines.Text(), "open "); ok {
				open <- a
			}
		}
		_ = s.cmd.Wait()
		close(s.ended)
	}()
	t.Cleanup(s.kill)
	select {
	case a := <-open:
		s.base, _, _ = strings.Cut(a, "/link/")
	case <-s.ended:
		if crash == "" {
			t.Fatalf("the server ended before it said where it is:\n%s", s.log)
		}
	case <-time.After(time.Minute):
		t.Fatalf("the server did not say where it is:\n%s", s.log)
	}
	return s
}

func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.ended
}

// stop ends the server as an operator would.
func (s *server) stop() {
	s.t.Helper()
	_ = s.cmd.Process.Signal(os.Interrupt)
	select {
	case <-s.ended:
	case <-time.After(time.Minute):
		s.t.Error("the server did not stop")
		s.kill()
	}
}

// command runs another command of the binary and returns what it printed.
func command(t testing.TB, stdin string, args ...string) (out string, code int) {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if stderr.Len() > 0 {
		t.Logf("amends %s:\n%s", strings.Join(args, " "), &stderr)
	}
	return stdout.String(), cmd.ProcessState.ExitCode()
}

// agent adds a person to a folder, and returns a token to work with.
func agent(t testing.TB, dir, name string) string {
	t.Helper()
	if _, code := command(t, "", "user", "add", "--data", dir, name); code != 0 {
		t.Fatalf("user add: exit code %d", code)
	}
	out, code := command(t, "", "token", "add", "--data", dir, name, "test")
	if code != 0 {
		t.Fatalf("token add: exit code %d", code)
	}
	return strings.TrimSpace(out)
}

// call asks the API. A connection that breaks is status 0: the server is gone.
func (s *server) call(method, path, op string, body, into any) (status int) {
	s.t.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.base+"/api/v1"+path, in)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", "application/json")
	if op != "" {
		req.Header.Set("Idempotency-Key", op)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0
	}
	if into != nil && len(b) > 0 && resp.StatusCode < 300 {
		if err := json.Unmarshal(b, into); err != nil {
			s.t.Fatalf("%s %s: %v\n%s", method, path, err, b)
		}
	}
	if resp.StatusCode >= 400 {
		s.t.Logf("%s %s: %d %s", method, path, resp.StatusCode, b)
	}
	return resp.StatusCode
}

// eventually waits until ok says yes.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(3 * time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
