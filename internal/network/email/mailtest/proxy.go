package mailtest

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
)

// A Fault is a way in which a [Proxy] fails.
type Fault string

// The faults. What a fault after the deed is in IMAP happens when a folder is
// opened or searched, and in SMTP when the message has come whole.
const (
	Mended  Fault = ""
	Refuse  Fault = "connection refused"
	Mute    Fault = "connected, and no word"
	HangUp  Fault = "connected, and cut off at once"
	Deny    Fault = "the password is wrong"
	Forbid  Fault = "the name has no right"
	Busy    Fault = "not now"
	Goodbye Fault = "goodbye instead of a greeting"
	Garble  Fault = "a page of HTML in place of an answer"
	Cut     Fault = "done, then cut off before the answer"
	Half    Fault = "done, then cut off in the middle of the answer"
	Lie     Fault = "done, then it says it failed"
	Flood   Fault = "done, then 50 MB of answer"
	Hang    Fault = "done, then no answer"
	Swallow Fault = "the message's end never arrives, and no answer"
)

// floodLimit is more than anybody should read of one connection.
const floodLimit = 40 << 20

// A Proxy stands before a server without TLS and breaks at will.
type Proxy struct {
	Address string
	t       testing.TB
	server  string
	smtp    bool

	mu       sync.Mutex
	fault    Fault
	listener net.Listener
	conns    map[net.Conn]bool
	calls    int
	reached  chan struct{} // one for each fault that took place
	running  sync.WaitGroup
}

// NewProxy carries connections to an IMAP server, or an SMTP server if smtp.
// It has a loopback address of its own, so that nobody takes its port while it
// refuses connections.
func NewProxy(t testing.TB, server string, smtp bool) *Proxy {
	t.Helper()
	p := &Proxy{t: t, server: server, smtp: smtp, conns: map[net.Conn]bool{}, reached: make(chan struct{}, 1000)}
	p.Address = fmt.Sprintf("127.%d.%d.%d:0", 1+rand.IntN(250), rand.IntN(250), 1+rand.IntN(250))
	if err := p.listen(); err != nil {
		t.Skipf("no loopback addresses besides 127.0.0.1: %v", err)
	}
	t.Cleanup(func() {
		p.mu.Lock()
		p.listener.Close()
		for c := range p.conns {
			c.Close()
		}
		p.mu.Unlock()
		p.running.Wait()
	})
	return p
}

func (p *Proxy) listen() error {
	l, err := net.Listen("tcp", p.Address)
	if err != nil {
		return err
	}
	p.Address, p.listener = l.Addr().String(), l
	p.running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.running.Go(func() { p.carry(c) })
		}
	})
	return nil
}

// Break makes every connection from now on meet the fault, until [Mended].
func (p *Proxy) Break(f Fault) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.fault
	p.fault = f
	switch {
	case f == Refuse && was != Refuse:
		p.listener.Close()
	case f != Refuse && was == Refuse:
		if err := p.listen(); err != nil {
			p.t.Fatal(err)
		}
	}
}

// Calls counts the connections that came.
func (p *Proxy) Calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// Reached gets a value each time that a fault took place.
func (p *Proxy) Reached() <-chan struct{} { return p.reached }

func (p *Proxy) carry(client net.Conn) {
	p.mu.Lock()
	p.calls++
	fault := p.fault
	p.conns[client] = true
	p.mu.Unlock()
	defer func() {
		client.Close()
		p.mu.Lock()
		delete(p.conns, client)
		p.mu.Unlock()
	}()
	switch fault {
	case Mute:
		p.reach()
		_, _ = io.Copy(io.Discard, client)
		return
	case HangUp:
		return
	case Goodbye:
		p.say(client, "* BYE "+Password+"\r\n", "421 4.3.2 "+Password+"\r\n")
		return
	}
	if fault == Garble && !p.smtp {
		_, _ = io.WriteString(client, page)
		return
	}
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	w := &wire{Proxy: p, fault: fault, client: client, server: server, answers: bufio.NewReader(server)}
	var back sync.WaitGroup
	back.Go(w.answer)
	w.commands()
	server.Close()
	back.Wait()
}

const page = "HTTP/1.1 200 OK\r\n\r\n<!doctype html><title>Sign in to the Wi-Fi</title>" + Password + "\r\n"

func (p *Proxy) say(to io.Writer, imap, smtp string) {
	if p.smtp {
		imap = smtp
	}
	_, _ = io.WriteString(to, imap)
}

func (p *Proxy) reach() {
	select {
	case p.reached <- struct{}{}:
	default:
	}
}

// A wire is one connection that passes.
type wire struct {
	*Proxy
	fault   Fault
	client  net.Conn
	server  net.Conn
	answers *bufio.Reader

	armed sync.Mutex
	tag   string // of the command whose answer the fault meets
	met   bool
}

// arm makes the next answer meet the fault.
func (w *wire) arm(tag string) {
	w.armed.Lock()
	defer w.armed.Unlock()
	w.tag, w.met = tag, true
}

func (w *wire) isArmed() (string, bool) {
	w.armed.Lock()
	defer w.armed.Unlock()
	return w.tag, w.met
}

// commands carries what the client says, line by line.
func (w *wire) commands() {
	in := bufio.NewReader(w.client)
	message := false // between DATA and the dot
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		words := append(strings.Fields(strings.ToUpper(line)), "", "", "")
		if w.smtp {
			switch {
			case message && line == ".\r\n":
				message = false
				if w.fault == Swallow {
					w.reach()
					_, _ = io.Copy(io.Discard, w.client)
					return
				}
				w.arm("")
			case message:
			case words[0] == "DATA":
				message = true
			case w.refused(words[0], words[0]):
				continue
			}
		} else if verb := words[1]; w.refused(words[0], verb) {
			continue
		} else if verb == "EXAMINE" && (w.fault == Cut || w.fault == Lie || w.fault == Hang) || verb == "UID" {
			w.arm(words[0])
		}
		if _, err := io.WriteString(w.server, line); err != nil {
			return
		}
	}
}

// refused answers a command in the server's place.
func (w *wire) refused(tag, verb string) bool {
	login := verb == "LOGIN" || verb == "AUTHENTICATE" || verb == "AUTH"
	switch {
	case w.fault == Deny && login:
		w.say(w.client, tag+" NO [AUTHENTICATIONFAILED] "+Password+"\r\n", "535 5.7.8 "+Password+"\r\n")
	case w.fault == Forbid && (login && !w.smtp || verb == "MAIL"):
		w.say(w.client, tag+" NO [AUTHORIZATIONFAILED] "+Password+"\r\n", "550 5.7.1 "+Password+"\r\n")
	case w.fault == Busy && (login && !w.smtp || verb == "MAIL"):
		w.say(w.client, tag+" NO [UNAVAILABLE] "+Password+"\r\n", "451 4.3.0 "+Password+"\r\n")
	default:
		return false
	}
	w.reach()
	return true
}

// answer carries what the server says, until the fault.
func (w *wire) answer() {
	defer w.client.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := w.answers.Read(b)
		tag, armed := w.isArmed()
		if n > 0 && armed && w.spoil(tag, b[:n]) {
			w.reach()
			return
		}
		if n > 0 {
			if _, err := w.client.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// spoil meets the answer to what was done. It reports whether it did.
func (w *wire) spoil(tag string, b []byte) bool {
	switch w.fault {
	case Cut:
	case Half:
		_, _ = w.client.Write(b[:len(b)/2])
	case Lie:
		w.say(w.client, tag+" NO [UNAVAILABLE] "+Password+"\r\n", "421 4.3.0 "+Password+"\r\n")
		_, _ = io.Copy(io.Discard, w.answers)
	case Garble:
		_, _ = io.WriteString(w.client, page)
	case Hang:
		w.reach()
		_, _ = io.Copy(io.Discard, w.answers)
	case Flood:
		w.say(w.client, "* 1 FETCH (UID 1 BODY[]<0> {52428800}\r\n", "250-")
		chunk := []byte(strings.Repeat(" ", 64<<10))
		sent := 0
		for sent < 50<<20 {
			n, err := w.client.Write(chunk)
			sent += n
			if err != nil {
				break
			}
		}
		if sent > floodLimit {
			w.t.Errorf("the client took %d MiB of one answer", sent>>20)
		}
	default:
		return false
	}
	return true
}
