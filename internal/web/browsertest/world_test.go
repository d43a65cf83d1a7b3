package browsertest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	pictures = flag.String("pictures", "", "keep screenshots in this folder")
	running  = flag.String("running", "", "use a demo that runs already: program,folder,address")
)

// A world is one running demo: the program as people run it.
type world struct {
	bin, dir, url string
	first         string // the address that it printed
	cmd           *exec.Cmd
}

var theWorld = sync.OnceValues(startWorld)

// TestMain ends what the tests started.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	closeBrowser()
	if started {
		w, _ := theWorld()
		if w != nil {
			w.stop()
		}
	}
	os.Exit(code)
}

var people atomic.Int64 // that were added

var started bool // by the tests' own goroutine only

func startWorld() (*world, error) {
	if parts := strings.Split(*running, ","); len(parts) == 3 {
		people.Store(time.Now().Unix()) // so that nobody is added twice
		return &world{bin: parts[0], dir: parts[1], url: parts[2]}, nil
	}
	started = true
	dir, err := os.MkdirTemp("", "amends-browser-")
	if err != nil {
		return nil, err
	}
	w := &world{bin: filepath.Join(dir, "amends"), dir: filepath.Join(dir, "data")}
	build := exec.Command("go", "build", "-o", w.bin, "./cmd/amends")
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		return w, fmt.Errorf("build: %w\n%s", err, out)
	}
	return w, w.start("demo", "--listen", "127.0.0.1:0")
}

// start starts the program on the world's folder, and waits until its console
// can be opened.
func (w *world) start(args ...string) error {
	w.cmd = exec.Command(w.bin, append(args, "--data", w.dir)...)
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	w.cmd.Stderr = w.cmd.Stdout
	if err := w.cmd.Start(); err != nil {
		return err
	}
	found := make(chan string, 1)
	var said []string
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			said = append(said, lines.Text())
			if _, at, ok := strings.Cut(lines.Text(), "open http://"); ok {
				host, _, _ := strings.Cut(at, "/")
				w.first = "http://" + at
				found <- "http://" + host
			}
		}
		close(found)
	}()
	select {
	case at, ok := <-found:
		if !ok {
			return fmt.Errorf("the program ended before it could be opened:\n%s", strings.Join(said, "\n"))
		}
		w.url = at
		return nil
	case <-time.After(3 * time.Minute):
		return errors.New("the program does not start")
	}
}

func (w *world) stop() {
	if w.cmd != nil && w.cmd.Process != nil {
		_ = w.cmd.Process.Signal(os.Interrupt)
		_ = w.cmd.Wait()
	}
	_ = os.RemoveAll(filepath.Dir(w.dir))
}

// run runs a command of the program on the demo's folder.
func (w *world) run(t *testing.T, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, w.bin, append(args, "--data", w.dir)...).CombinedOutput()
	if err != nil {
		t.Fatalf("amends %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// link adds somebody to the team, and gives the name that they sign in by and the
// address that lets them in, once.
func (w *world) link(t *testing.T, name, role string) (login, address string) {
	t.Helper()
	var out map[string]any
	login = fmt.Sprintf("tester%d", people.Add(1))
	text := w.run(t, "user", "add", login, "--role", role, "--display", name, "--language", "en", "--json")
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for _, v := range out {
		if s, _ := v.(string); strings.Contains(s, "/link/") {
			_, secret, _ := strings.Cut(s, "/link/")
			return login, w.url + "/link/" + secret
		}
	}
	t.Fatalf("no link in %s", text)
	return "", ""
}

// needWorld is the running demo.
func needWorld(t *testing.T) *world {
	t.Helper()
	w, err := theWorld()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

const password = "four quiet green boats"

// welcomed spends a link and chooses a password, as the pages for that do, and
// returns the session. TestWelcome does the same by the pages.
func (w *world) welcomed(t *testing.T, address string) *http.Cookie {
	t.Helper()
	var session *http.Cookie
	client := &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, step := range []struct {
		at   string
		form url.Values
	}{{address, nil}, {w.url + "/password", url.Values{"password": {password}, "again": {password}}}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, step.at, strings.NewReader(step.form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if session != nil {
			r.AddCookie(session)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if cookies := answer.Cookies(); answer.StatusCode == http.StatusSeeOther && len(cookies) == 1 {
			session = cookies[0]
			continue
		}
		t.Fatalf("%s answers with %s", step.at, answer.Status)
	}
	return session
}
