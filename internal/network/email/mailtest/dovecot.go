// Package mailtest runs real mail servers on this machine for tests: Debian's
// dovecot for IMAP, and for SMTP a server in this process that delivers into
// dovecot's mailboxes as a provider's does.
//
// A run keeps all it writes in a temporary folder of its own, listens on
// loopback alone and ends with the test. Every name is a mailbox, with one
// password for all. A [Proxy] stands before a server and breaks.
//
// The package knows nothing of Amends.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// Password opens every mailbox.
const Password = "hush-imap-4711"

// Token opens every mailbox by XOAUTH2.
const Token = "hush-token-0815"

//go:embed testdata/dovecot.conf
var configuration string

// A Dovecot is a running IMAP server.
type Dovecot struct {
	Address    string         // host:port without TLS, STARTTLS offered
	TLSAddress string         // host:port with TLS
	Roots      *x509.CertPool // whom its certificate is by
	dir        string
	uid, gid   int
	delivered  atomic.Int64
}

// Start runs a dovecot until the test ends. Where it is not installed the test
// is skipped, or fails if CI=true. introspect is the address where tokens are
// checked; empty: only passwords open a mailbox.
func Start(t testing.TB, introspect string) *Dovecot {
	t.Helper()
	program, err := exec.LookPath("dovecot")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/dovecot")
	}
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("dovecot is not installed; .ci/install installs it")
		}
		t.Skip("dovecot is not installed; .ci/install installs it")
	}
	dir, err := os.MkdirTemp("", "mailtest") // its sockets' paths must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	d := &Dovecot{dir: dir, uid: os.Getuid(), gid: os.Getgid()}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	group, err := user.LookupGroupId(me.Gid)
	if err != nil {
		t.Fatal(err)
	}
	login, internal := me.Username, me.Username
	if d.uid == 0 { // it refuses to serve root
		login, internal = "dovenull", "dovecot"
		if d.uid, d.gid, err = account("mail"); err != nil {
			t.Fatal(err)
		}
	}
	for _, sub := range []string{"run", "mail"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chown(filepath.Join(dir, "mail"), d.uid, d.gid)); err != nil {
		t.Fatal(err)
	}
	if d.Roots, err = certify(dir); err != nil {
		t.Fatal(err)
	}
	plain, secure := freePort(t), freePort(t)
	d.Address, d.TLSAddress = "127.0.0.1:"+plain, "127.0.0.1:"+secure
	write(t, filepath.Join(dir, "dovecot.conf"), configuration, map[string]any{
		"Dir": dir, "Port": plain, "TLSPort": secure, "Login": login, "Internal": internal, "Group": group.Name,
		"UID": d.uid, "GID": d.gid, "Root": os.Getuid() == 0, "Password": Password, "Introspect": introspect,
	})
	write(t, filepath.Join(dir, "oauth2.conf"), oauthConfiguration, map[string]any{"Introspect": introspect})
	d.run(t, program)
	return d
}

const oauthConfiguration = `introspection_url = {{.Introspect}}
introspection_mode = post
username_attribute = username
active_attribute = active
active_value = true
`

func write(t testing.TB, path, text string, with map[string]any) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := template.Must(template.New("").Parse(text)).Execute(f, with); err != nil {
		t.Fatal(err)
	}
}

// run starts the server and waits until it answers.
func (d *Dovecot) run(t testing.TB, program string) {
	t.Helper()
	var said strings.Builder
	cmd := exec.Command(program, "-F", "-c", filepath.Join(d.dir, "dovecot.conf"))
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
	})
	deadline := time.Now().Add(time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if c, err := net.Dial("tcp", d.Address); err == nil {
			c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("dovecot ended at once: %s%s", &said, d.Log())
		case <-tick.C:
		}
		if time.Now().After(deadline) {
			t.Fatalf("dovecot does not answer: %s", d.Log())
		}
	}
}

// Log is what the server wrote about its work.
func (d *Dovecot) Log() string {
	log, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	return string(log)
}

func account(name string) (uid, gid int, err error) {
	u, err := user.Lookup(name)
	if err != nil {
		return 0, 0, err
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	return uid, gid, errors.Join(err1, err2)
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// certify makes a certificate for 127.0.0.1 in the folder.
func certify(dir string) (*x509.CertPool, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mailtest"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return pool, errors.Join(
		os.WriteFile(filepath.Join(dir, "cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644),
		os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
}

// CertFiles are the server's certificate and key, for another server beside it.
func (d *Dovecot) CertFiles() (cert, key string) {
	return filepath.Join(d.dir, "cert.pem"), filepath.Join(d.dir, "key.pem")
}

// folder is where a mailbox's folder lies; INBOX has no name of its own.
func (d *Dovecot) folder(user, name string) string {
	dir := filepath.Join(d.dir, "mail", user)
	if name != "INBOX" {
		dir = filepath.Join(dir, "."+name)
	}
	return dir
}

// Deliver puts a mail into a folder as a delivery agent does: whole or not at
// all. The server sees it at once.
func (d *Dovecot) Deliver(user, folder string, mail []byte, arrived time.Time) error {
	dir := d.folder(user, folder)
	for _, sub := range []string{"", "tmp", "new", "cur"} {
		if err := d.mkdir(filepath.Join(dir, sub)); err != nil {
			return err
		}
	}
	file := fmt.Sprintf("%d.M%06dP%d.mailtest", arrived.Unix(), d.delivered.Add(1), os.Getpid())
	tmp := filepath.Join(dir, "tmp", file)
	if err := os.WriteFile(tmp, mail, 0o600); err != nil {
		return err
	}
	return errors.Join(os.Chown(tmp, d.uid, d.gid), os.Chtimes(tmp, arrived, arrived), os.Rename(tmp, filepath.Join(dir, "new", file)))
}

// mkdir makes a folder that belongs to the server, and what is above it in the
// mailbox.
func (d *Dovecot) mkdir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := d.mkdirUp(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return os.Chown(dir, d.uid, d.gid)
}

func (d *Dovecot) mkdirUp(dir string) error {
	if dir == filepath.Join(d.dir, "mail") {
		return nil
	}
	return d.mkdir(dir)
}

// Renumber makes the server number a folder anew, as after a restored backup.
func (d *Dovecot) Renumber(user, folder string) error {
	dir := d.folder(user, folder)
	for _, pattern := range []string{"dovecot-uidlist*", "dovecot.index*", "dovecot-uidvalidity*"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := os.Remove(f); err != nil {
				return err
			}
		}
	}
	// Its numbers begin with the clock's seconds; another generation must differ.
	list := fmt.Sprintf("3 V%d N1 G%032x\n", time.Now().Unix()+1000+d.delivered.Add(1), d.delivered.Load())
	file := filepath.Join(dir, "dovecot-uidlist")
	return errors.Join(os.WriteFile(file, []byte(list), 0o600), os.Chown(file, d.uid, d.gid))
}
