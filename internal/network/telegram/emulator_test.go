package telegram

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// startEmulator runs telegram-test-api until the test ends, and returns its
// address. Where it is not installed the test is skipped, or fails if CI=true.
func startEmulator(t *testing.T) string {
	t.Helper()
	missing := func(why any) {
		words := fmt.Sprintf("the emulator of Telegram is not installed; .ci/telegram installs it (%v)", why)
		if os.Getenv("CI") == "true" {
			t.Fatal(words)
		}
		t.Skip(words)
	}
	lock, err := os.ReadFile("testdata/emulator/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(lock)
	cache, err := os.UserCacheDir()
	if err != nil {
		missing(err)
	}
	dir := filepath.Join(cache, "amends-telegram", hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(filepath.Join(dir, "complete")); err != nil {
		missing(err)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing(err)
	}
	script, err := filepath.Abs("testdata/emulator/start.js")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	cmd := exec.Command(node, script, port)
	cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(dir, "node_modules"))
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe() // it ends when this does, however this ends
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the emulator says %q, %v", line, err)
	}
	return "http://127.0.0.1:" + port
}

// corrected carries calls to the emulator and mends what it does otherwise than
// the Bot API's documentation says: it forgets updates as soon as it has told
// them, whatever the offset; knows no limit; gives the time of a bot's message
// in milliseconds, and not as what it answers; and takes any token.
type corrected struct {
	t       testing.TB
	address string

	mu      sync.Mutex
	waiting []map[string]any // updates that were not confirmed
	sent    []care.Answer
}

func (c *corrected) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, method, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/bot"), "/")
	var in struct {
		Offset, Limit int64
		Chat          int64 `json:"chat_id"`
		Text          string
		Reply         struct {
			ID int64 `json:"message_id"`
		} `json:"reply_parameters"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		c.t.Errorf("%s: %q", method, body)
	}
	said := c.call(r.URL.Path, body)
	switch result := said["result"].(type) {
	case []any:
		c.keep(result)
		c.waiting = slices.DeleteFunc(c.waiting, func(u map[string]any) bool { return int64(u["update_id"].(float64)) < in.Offset })
		said["result"] = c.waiting[:min(len(c.waiting), int(in.Limit))]
	case map[string]any:
		if method == "sendMessage" {
			result["date"] = float64(int64(result["date"].(float64)) / 1000)
			c.sent = append(c.sent, care.Answer{Text: in.Text, To: care.Post{Remote: remote(in.Chat, in.Reply.ID)}})
		}
	}
	mended, err := json.Marshal(said)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(mended)), Request: r}, nil
}

func (c *corrected) call(path string, body []byte) map[string]any {
	resp, err := http.Post(c.address+path, "application/json", bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	var said map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil || resp.StatusCode != http.StatusOK {
		c.t.Fatalf("%s: %s %v", strings.ReplaceAll(path, testToken, "…"), resp.Status, err)
	}
	return said
}

func (c *corrected) keep(updates []any) {
	for _, u := range updates {
		c.waiting = append(c.waiting, u.(map[string]any))
	}
}

// say lets somebody write, and returns the number that the message got.
func (c *corrected) say(token string, m message) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, err := json.Marshal(struct {
		message
		Token string `json:"botToken"`
	}{m, token})
	if err != nil {
		c.t.Fatal(err)
	}
	c.call("/sendMessage", body)
	c.keep(c.call("/bot"+token+"/getUpdates", []byte("{}"))["result"].([]any))
	return int64(c.waiting[len(c.waiting)-1]["message"].(map[string]any)["message_id"].(float64))
}

// An emulated world is a bot of its own at the emulator.
type emulated struct {
	*networktest.Wire
	*corrected
	token  string
	driver network.Driver
	wrote  map[care.Remote]message
}

func (e *emulated) Account() network.Account {
	e.t.Helper()
	opened, err := e.driver.Open(&Settings{Token: network.Secret(e.token), Host: "https://api.telegram.org"}, network.NewClient(network.Options{Base: e.Wire}))
	if err != nil {
		e.t.Fatal(err)
	}
	opened.(*Account).page = 3
	return opened
}

func (e *emulated) Post(p networktest.Post) care.Remote {
	m := inGroup(p.Author, p.Text)
	m.Text, m.Entities = "@TestNameBot "+p.Text, []entity{{Type: "mention", Length: len("@TestNameBot")}}
	if p.InReplyTo != "" {
		parent := e.wrote[p.InReplyTo]
		if m.ThreadID = parent.ThreadID; m.ThreadID == 0 {
			m.ThreadID = parent.ID
		}
		m.ReplyTo = &parent
	}
	m.ID = e.say(e.token, m)
	id := remote(m.Chat.ID, m.ID)
	m.ReplyTo = nil
	e.wrote[id] = m
	return id
}

func (e *emulated) Edit(care.Remote, string) { e.t.Fatal("the emulator knows no edits") }
func (e *emulated) Delete(care.Remote)       { e.t.Fatal("nobody is told of deletions") }
func (e *emulated) Sent() []care.Answer      { return e.sent }

func TestDriverOnTheEmulator(t *testing.T) {
	address := startEmulator(t)
	can, n := traits(), 0
	can.Edits, can.Faults = networktest.Never, nil // it knows no edits; how calls fail is tested without it
	networktest.Run(t, can, func(t *testing.T) networktest.World {
		n++
		c := &corrected{t: t, address: address}
		return &emulated{Wire: networktest.NewWireOver(t, c), corrected: c, driver: Driver(), wrote: map[care.Remote]message{},
			token: fmt.Sprintf("%d:hush-telegram-aaaaaaaaaaaaaaaaaaaaa", 5000+n)}
	})
}
