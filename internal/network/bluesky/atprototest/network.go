package atprototest

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Options change what Start starts. The zero value is a network without limits.
type Options struct {
	// Limited turns on the PDS's own rate limits, as on a public server. Calls
	// of this package pass them by.
	Limited bool
}

// A Network is a PLC directory, a PDS and an AppView that index it. Its
// methods are safe for concurrent use, but for Halt and Resume.
type Network struct {
	URL string // of the PDS: what a client calls

	dir      string
	install  install
	settings settings
	client   *http.Client
	reaper   *reaper
	postgres *process
	node     *process

	talk   sync.Mutex // one command at a time
	mu     sync.Mutex
	people map[string]string // handle → DID
}

// appview is the server that indexes the network; anybody may ask it.
func (n *Network) appview() string {
	return fmt.Sprintf("http://127.0.0.1:%d", n.settings.Ports["appview"])
}

// settings are what start.mjs reads.
type settings struct {
	Postgres    string         `json:"postgres"`
	Dir         string         `json:"dir"`
	Ports       map[string]int `json:"ports"`
	RotationKey string         `json:"rotationKey"`
	Secret      string         `json:"secret"`
	Labeler     string         `json:"labeler"`
	Limited     bool           `json:"limited"`
}

// labeler is the moderation service that the AppView believes.
const labeler = "did:example:labeler"

// Start starts a network; [ErrMissing] if it is not installed. Stop it.
func Start(o Options) (*Network, error) {
	in, err := findInstall()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "amends-atproto-")
	if err != nil {
		return nil, err
	}
	n := &Network{dir: dir, install: in, client: &http.Client{Timeout: patience}, people: map[string]string{}}
	if n.reaper, err = newReaper(dir); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	if err := n.start(o); err != nil {
		n.Stop()
		return nil, fmt.Errorf("start the AT Protocol test network: %w", err)
	}
	return n, nil
}

func (n *Network) start(o Options) error {
	socket, err := n.startPostgres()
	if err != nil {
		return err
	}
	n.settings = settings{
		Postgres:    "postgresql://amends@localhost/postgres?host=" + socket,
		Dir:         n.dir,
		RotationKey: randomHex(32),
		Secret:      randomHex(16),
		Labeler:     labeler,
		Limited:     o.Limited,
	}
	if err := n.write("start.mjs", startScript); err != nil {
		return err
	}
	if err := n.write("loopback.mjs", loopbackScript); err != nil {
		return err
	}
	if err := os.Symlink(n.install.modules, filepath.Join(n.dir, "node_modules")); err != nil {
		return err
	}
	// Another program may take a port between our look and the start.
	for range 3 {
		if n.settings.Ports, err = freePorts("plc", "pds", "appview", "dataplane", "bsync"); err != nil {
			return err
		}
		n.URL = fmt.Sprintf("http://127.0.0.1:%d", n.settings.Ports["pds"])
		if err = n.startNode(); err == nil || !strings.Contains(err.Error(), "EADDRINUSE") {
			return err
		}
	}
	return err
}

// Stop ends the network and removes all it wrote.
func (n *Network) Stop() {
	if n.node != nil {
		n.node.end(syscall.SIGKILL)
	}
	if n.postgres != nil {
		n.postgres.end(syscall.SIGQUIT)
	}
	n.reaper.close()
}

// Halt takes the network down the hard way, as a power cut would: from now on
// connections are refused. What was written stays.
func (n *Network) Halt() {
	n.node.end(syscall.SIGKILL)
	n.node = nil
}

// Resume brings a halted network back at the same address with all its posts.
func (n *Network) Resume(t testing.TB, o Options) {
	t.Helper()
	n.settings.Limited = o.Limited
	if err := n.startNode(); err != nil {
		t.Fatalf("resume the network: %v", err)
	}
}

func (n *Network) startPostgres() (socket string, err error) {
	owner, err := postgresOwner()
	if err != nil {
		return "", err
	}
	socket = filepath.Join(n.dir, "postgres")
	cluster := filepath.Join(socket, "cluster")
	if err := os.Mkdir(socket, 0o700); err != nil {
		return "", err
	}
	if owner != nil {
		if err := errors.Join(os.Chmod(n.dir, 0o711), os.Chown(socket, int(owner.Uid), int(owner.Gid))); err != nil {
			return "", err
		}
	}
	as := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Env = socket, []string{"LC_ALL=C", "TZ=UTC"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
		return cmd
	}
	if out, err := as(n.install.initdb, "-D", cluster, "-U", "amends", "--auth=trust", "--no-sync", "-E", "UTF8", "--no-locale").CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	// Only a socket in our folder, no port; nothing of it needs to survive.
	cmd := as(n.install.postgres, "-D", cluster, "-c", "listen_addresses=", "-c", "unix_socket_directories="+socket,
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=50", "-c", "shared_buffers=32MB")
	log := filepath.Join(n.dir, "postgres.log")
	if n.postgres, err = launch(cmd, log, syscall.SIGQUIT, n.reaper, false); err != nil {
		return "", err
	}
	return socket, n.await(n.postgres, func() bool {
		return strings.Contains(n.postgres.said(), "ready to accept connections")
	})
}

func (n *Network) startNode() error {
	env, err := json.Marshal(n.settings)
	if err != nil {
		return err
	}
	cmd := exec.Command(n.install.node, "--import", "./loopback.mjs", "start.mjs")
	cmd.Dir = n.dir
	cmd.Env = []string{"AMENDS_ATPROTO=" + string(env), "LOG_ENABLED=false", "HOME=" + n.dir, "TMPDIR=" + n.dir,
		"PATH=/usr/bin:/bin", "TZ=UTC", "OTEL_SDK_DISABLED=true"}
	log := filepath.Join(n.dir, "node.log")
	node, err := launch(cmd, log, syscall.SIGKILL, n.reaper, true)
	if err != nil {
		return err
	}
	late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	for node.out.Scan() {
		var line struct{ Ready bool }
		if json.Unmarshal(node.out.Bytes(), &line) == nil && line.Ready {
			n.node = node
			return nil
		}
	}
	node.end(syscall.SIGKILL)
	return fmt.Errorf("the network did not come up: %s", node.said())
}

// await asks until ok or until the process has ended.
func (n *Network) await(p *process, ok func() bool) error {
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-p.ended:
			return fmt.Errorf("%s ended: %s", filepath.Base(p.cmd.Path), p.said())
		case <-deadline:
			return fmt.Errorf("%s did not come up: %s", filepath.Base(p.cmd.Path), p.said())
		}
	}
	return nil
}

// Label puts a moderation label on a post, or with an account's DID in place
// of a post's URI on the account.
func (n *Network) Label(t testing.TB, uri, value string) {
	t.Helper()
	n.command(t, map[string]string{"do": "label", "uri": uri, "val": value})
}

// Settle waits until everything that was written is indexed: what the accounts
// did before shows to everybody from now on.
func (n *Network) Settle(t testing.TB) {
	t.Helper()
	n.command(t, map[string]string{"do": "settle"})
}

// command has start.mjs do something.
func (n *Network) command(t testing.TB, c map[string]string) {
	t.Helper()
	n.talk.Lock()
	defer n.talk.Unlock()
	if err := json.NewEncoder(n.node.in).Encode(c); err != nil {
		t.Fatalf("%s: %v", c["do"], err)
	}
	for n.node.out.Scan() {
		var line struct {
			OK    bool
			Error string
		}
		if json.Unmarshal(n.node.out.Bytes(), &line) != nil {
			continue // something a package printed
		}
		if !line.OK {
			t.Fatalf("%s: %s", c["do"], line.Error)
		}
		return
	}
	t.Fatalf("%s: the network ended: %s", c["do"], n.node.said())
}

func (n *Network) write(name string, b []byte) error {
	return os.WriteFile(filepath.Join(n.dir, name), b, 0o600)
}

// freePorts are ports that nobody listens on at this moment.
func freePorts(names ...string) (map[string]int, error) {
	ports := map[string]int{}
	for _, name := range names {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // all are held until all are known
		ports[name] = l.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}
