package app

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// An Operator performs operations on a folder, wherever it is open.
type Operator interface {
	// Do runs an operation. args is sent as JSON; in may be nil.
	Do(ctx context.Context, name string, args any, in io.Reader, out io.Writer, progress func(string)) error
	Close() error
}

// local performs in this process.
type local struct {
	e    *Engine
	by   care.Actor
	stop func() error
}

func (l *local) Do(ctx context.Context, name string, args any, in io.Reader, out io.Writer, progress func(string)) error {
	b, err := json.Marshal(args)
	if err != nil {
		return err
	}
	return l.e.perform(ctx, name, call{by: l.by, args: b, in: in, out: out, progress: progress})
}

func (l *local) Close() error { return l.stop() }

// remote performs in the server that has the folder open.
type remote struct {
	client *http.Client
	by     string
}

// A frame is one part of what a server answers: its kind, its length, itself.
const (
	frameOut      = 'o' // output
	frameProgress = 'p' // what is being done
	frameEnd      = 'e' // empty, or a plain error
)

const maxFrame = 1 << 20

// dial returns an operator on the server that runs on a folder; nil: none does.
func dial(ctx context.Context, dir, user string) (*remote, error) {
	path := filepath.Join(dir, sockFile)
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, nil // none, or one that is gone
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s: only the user that the server runs as may use it", path)
	case err != nil:
		return nil, err
	}
	conn.Close()
	return &remote{by: user, client: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) },
	}}}, nil
}

func (r *remote) Close() error { r.client.CloseIdleConnections(); return nil }

func (r *remote) Do(ctx context.Context, name string, args any, in io.Reader, out io.Writer, progress func(string)) error {
	b, err := json.Marshal(args)
	if err != nil {
		return err
	}
	if in == nil {
		in = http.NoBody
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://amends/op/"+name, in)
	if err != nil {
		return err
	}
	req.Header.Set("Amends-Args", string(b))
	req.Header.Set("Amends-By", r.by)
	resp, err := r.client.Do(req)
	if err != nil {
		return fmt.Errorf("talk to the server on this folder: %w", err)
	}
	defer resp.Body.Close()
	return readFrames(bufio.NewReader(resp.Body), out, progress)
}

func readFrames(r *bufio.Reader, out io.Writer, progress func(string)) error {
	for {
		kind, err := r.ReadByte()
		if err != nil {
			return fmt.Errorf("the server ended before its answer did: %w", err)
		}
		n, err := binary.ReadUvarint(r)
		if err != nil || n > maxFrame {
			return fmt.Errorf("the server's answer makes no sense (frame of %d bytes): %w", n, err)
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return fmt.Errorf("the server ended before its answer did: %w", err)
		}
		switch kind {
		case frameOut:
			if _, err := out.Write(b); err != nil {
				return err
			}
		case frameProgress:
			if progress != nil {
				progress(string(b))
			}
		case frameEnd:
			if len(b) == 0 {
				return nil
			}
			var p plain
			if err := json.Unmarshal(b, &p); err != nil {
				return err
			}
			return p.error()
		}
	}
}

// frames writes them, from several goroutines.
type frames struct {
	mu sync.Mutex
	w  http.ResponseWriter
}

func (f *frames) send(kind byte, b []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	head := binary.AppendUvarint([]byte{kind}, uint64(len(b)))
	if _, err := f.w.Write(append(head, b...)); err != nil {
		return err
	}
	return http.NewResponseController(f.w).Flush()
}

// Write implements io.Writer for the output of an operation.
func (f *frames) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		part := rest[:min(len(rest), maxFrame)]
		rest = rest[len(part):]
		if err := f.send(frameOut, part); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// listenSocket serves operations and the API on DIR/amends.sock until ctx ends. Whoever may
// open the socket is the administrator.
func listenSocket(ctx context.Context, dir string, e *Engine, api http.Handler, log *slog.Logger) error {
	path := filepath.Join(dir, sockFile)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("socket: %w", err) // the folder's lock is ours: an old one is a dead server's
	}
	var l net.Listener
	err := private(func() (err error) {
		l, err = net.Listen("unix", path)
		return err
	})
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", api)
	mux.HandleFunc("POST /op/{name}", func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex() // output may begin before the input ends
		f := &frames{w: w}
		buffered := bufio.NewWriterSize(f, 64<<10)
		c := call{
			by: care.Actor("cli/" + r.Header.Get("Amends-By")), args: json.RawMessage(r.Header.Get("Amends-Args")), in: r.Body, out: buffered,
			progress: func(s string) { _ = f.send(frameProgress, []byte(s)) },
		}
		err := e.perform(r.Context(), r.PathValue("name"), c)
		err = errors.Join(err, buffered.Flush())
		var end []byte
		if err != nil {
			end, _ = json.Marshal(toPlain(err))
		}
		if err := f.send(frameEnd, end); err != nil {
			log.Warn("a command went away before its answer", "op", r.PathValue("name"), "err", err)
		}
	})
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	<-ctx.Done()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := srv.Shutdown(drain); err != nil {
		_ = srv.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("socket: %w", err)
	}
	return ctx.Err()
}
