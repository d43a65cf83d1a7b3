package boltstore

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/amends-care/amends/internal/store"
)

// The test binary, started again with this variable, is a writer that is to be
// killed. "nosync" makes it one that leaves out fsync.
const childVariable = "AMENDS_BOLTSTORE_WRITER"

func TestMain(m *testing.M) {
	if mode := os.Getenv(childVariable); mode != "" {
		if err := write(os.Args[len(os.Args)-1], mode == "nosync", os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const crashWriters = 6

// write commits for ever, from several callers that each keep a rule: writer w
// has as many records as documents, and its cursor says how many. What was
// acknowledged is printed, one line each: writer, number, sequence.
func write(path string, noSync bool, to io.Writer) error {
	s, err := Open(path, Options{Unsynced: noSync})
	if err != nil {
		return err
	}
	ctx := context.Background()
	var wg sync.WaitGroup
	var mu sync.Mutex
	errs := make([]error, crashWriters)
	for w := range crashWriters {
		wg.Go(func() {
			errs[w] = func() error {
				cursor, n, err := cursorOf(ctx, s, w)
				for ; err == nil; n++ {
					var seq store.Seq
					if seq, err = s.Commit(ctx, crashBatch(w, n+1, cursor)); err != nil {
						break
					}
					mu.Lock()
					_, err = fmt.Fprintf(to, "%d %d %d\n", w, n+1, seq)
					mu.Unlock()
					if err == nil {
						cursor, _, err = cursorOf(ctx, s, w)
					}
				}
				return err
			}()
		})
	}
	wg.Wait()
	return errors.Join(errors.Join(errs...), s.Close())
}

// cursorOf reads how far a writer has come.
func cursorOf(ctx context.Context, s *Store, w int) (cursor uint64, n int, err error) {
	docs, err := s.Get(ctx, fmt.Sprintf("cursor/%d", w))
	if err != nil || docs[0].Rev == 0 {
		return 0, 0, err
	}
	_, err = fmt.Sscan(string(docs[0].Data), &n)
	return docs[0].Rev, n, err
}

func crashBatch(w, n int, cursor uint64) store.Batch {
	return store.Batch{
		Op:      fmt.Sprintf("%d/%d", w, n),
		Appends: []store.Append{{Stream: fmt.Sprintf("w/%d", w), After: store.Any, Data: fmt.Append(nil, n)}},
		Puts: []store.Put{
			{Key: fmt.Sprintf("cursor/%d", w), Was: cursor, Data: fmt.Append(nil, n)},
			{Key: fmt.Sprintf("m/%d/%08d", w, n), Data: make([]byte, 400)},
		},
	}
}

// An acknowledgement is a line that a writer printed.
type acknowledgement struct {
	w, n int
	seq  store.Seq
}

// crash starts a writer on path, lets it acknowledge so many commits, calls
// cut, kills it without warning, and returns all that it had acknowledged.
func crash(t *testing.T, path string, commits int, mode string, cut func() error) (acked []acknowledgement) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], path)
	cmd.Env = append(os.Environ(), childVariable+"="+mode)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var a acknowledgement
		if _, err := fmt.Sscan(lines.Text(), &a.w, &a.n, &a.seq); err != nil {
			continue // the last line may be cut short
		}
		acked = append(acked, a)
		if len(acked) == commits {
			if err := errors.Join(cut(), cmd.Process.Kill()); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // says that it was killed
	if len(acked) < commits {
		t.Fatalf("the writer ended after %d commits: %s", len(acked), stderr.String())
	}
	return acked
}

// survived opens the store and returns what is wrong with it: commits that were
// acknowledged and are lost, or written in part, or twice.
func survived(ctx context.Context, path string, acked []acknowledgement) (err error) {
	if err := Check(ctx, path); err != nil {
		return err
	}
	s, err := Open(path, Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	at := make(map[acknowledgement]bool)
	for w := range crashWriters {
		_, n, err := cursorOf(ctx, s, w)
		if err != nil {
			return err
		}
		records, docs := 0, 0
		for r, err := range s.Stream(ctx, fmt.Sprintf("w/%d", w), 0) {
			if records++; err != nil || string(r.Data) != fmt.Sprint(records) {
				return fmt.Errorf("writer %d: record %d is %q, %w", w, records, r.Data, err)
			}
			at[acknowledgement{w, records, r.Seq}] = true
		}
		for _, err := range s.List(ctx, fmt.Sprintf("m/%d/", w), "") {
			if docs++; err != nil {
				return err
			}
		}
		if records != n || docs != n {
			return fmt.Errorf("writer %d: cursor at %d, %d records, %d documents", w, n, records, docs)
		}
	}
	for _, a := range acked {
		if !at[a] {
			return fmt.Errorf("commit %d of writer %d at %d was acknowledged and is lost", a.n, a.w, a.seq)
		}
	}
	return nil
}

// A process that is killed at any moment loses nothing that it acknowledged,
// holds nobody up, and leaves no part of a batch. What it was about to do can
// be done again by Op.
func TestKill(t *testing.T) {
	noLeaks(t)
	path := file(t.TempDir())
	rounds := 6
	if soak() == soakLong {
		rounds = 100
	}
	var acked []acknowledgement
	for round := range rounds {
		acked = append(acked, crash(t, path, 20+37*(round%5), "sync", func() error { return nil })...)
		if err := survived(t.Context(), path, acked); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		s := open(t, path, Options{})
		last := acked[len(acked)-1]
		if got := must(t, s, crashBatch(last.w, last.n, 0)); got != last.seq {
			t.Errorf("round %d: repeated by Op: %d, want %d", round, got, last.seq)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills, %d acknowledged commits, none lost", rounds, len(acked))
}

// The process that holds a store is named as long as it lives.
func TestKilledHolderHoldsNoMore(t *testing.T) {
	noLeaks(t)
	path := file(t.TempDir())
	var held error
	acked := crash(t, path, 5, "sync", func() error {
		s, err := Open(path, Options{Timeout: 1})
		if err == nil {
			_ = s.Close()
		}
		held = err
		return nil
	})
	if !errors.Is(held, store.ErrHeld) || strings.Contains(held.Error(), fmt.Sprintf("process %d ", os.Getpid())) || !strings.Contains(held.Error(), "process ") {
		t.Errorf("while it lived: %v", held)
	}
	if err := survived(t.Context(), path, acked); err != nil {
		t.Error(err)
	}
}

// What AMENDS_SOAK asks for: "1" the long form of what takes long or needs
// root, "short" the short one.
const (
	soakLong  = "1"
	soakShort = "short"
)

func soak() string { return os.Getenv("AMENDS_SOAK") }

// A power cut, as the file system's own shutdown is one: what was not synced
// is gone. The same without fsync must lose something, or the test proves
// nothing.
func TestPowerCut(t *testing.T) {
	rounds := 3
	systems := []string{"ext4"}
	switch soak() {
	case soakLong:
		rounds, systems = 40, []string{"ext4", "xfs"}
	case soakShort:
	default:
		t.Skip("set AMENDS_SOAK=1, or short, to cut the power of a loop-mounted file system")
	}
	for _, system := range systems {
		for _, mode := range []string{"sync", "nosync"} {
			t.Run(system+"/"+mode, func(t *testing.T) {
				d := newDisk(t, system)
				var acked []acknowledgement
				lost := 0
				for round := range rounds {
					path := filepath.Join(d.mounted(t), "log.db")
					acked = append(acked, crash(t, path, 30+29*(round%5), mode, d.shutdown)...)
					d.unmount(t)
					path = filepath.Join(d.mounted(t), "log.db")
					if err := survived(t.Context(), path, acked); err != nil {
						if lost++; mode == "sync" {
							t.Fatalf("round %d: %v", round, err)
						}
						t.Logf("round %d, as it should be: %v", round, err)
						acked = nil // begin again with an empty disk
						d.unmount(t)
						d.format(t)
					}
				}
				if mode == "nosync" && lost == 0 {
					t.Error("nothing was lost without fsync, so this test can't find a missing one")
				}
				t.Logf("%s, %s: %d of %d power cuts lost something", system, mode, lost, rounds)
			})
		}
	}
}

// A disk is a file system in a file.
type disk struct{ system, image, dir string }

// newDisk formats one, or skips the test and says why.
func newDisk(t *testing.T, system string) *disk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a loop device")
	}
	for _, tool := range []string{"mkfs." + system, "xfs_io", "mount", "umount"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed (packages e2fsprogs and xfsprogs)", tool)
		}
	}
	dir := t.TempDir()
	d := &disk{system, filepath.Join(dir, "image"), filepath.Join(dir, "mounted")}
	if err := os.Mkdir(d.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d.format(t)
	if out, err := exec.Command("mount", "-o", "loop", d.image, d.dir).CombinedOutput(); err != nil {
		t.Skipf("no loop device can be mounted: %s", out)
	}
	t.Cleanup(func() {
		if d.isMounted() {
			d.unmount(t)
		}
	})
	return d
}

func (d *disk) format(t *testing.T) {
	t.Helper()
	f, err := os.Create(d.image)
	if err == nil {
		err = errors.Join(f.Truncate(600<<20), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	quiet := map[string]string{"ext4": "-qF", "xfs": "-qf"}[d.system]
	run(t, "mkfs."+d.system, quiet, d.image)
}

func (d *disk) isMounted() bool {
	mounts, err := os.ReadFile("/proc/self/mounts")
	return err == nil && strings.Contains(string(mounts), " "+d.dir+" ")
}

// mounted mounts the disk if it isn't, and returns where.
func (d *disk) mounted(t *testing.T) string {
	t.Helper()
	if !d.isMounted() {
		run(t, "mount", "-o", "loop", d.image, d.dir)
	}
	return d.dir
}

func (d *disk) unmount(t *testing.T) {
	t.Helper()
	run(t, "umount", d.dir)
}

// shutdown cuts the power: nothing that was not synced reaches the image any
// more.
func (d *disk) shutdown() error {
	return exec.Command("xfs_io", "-x", "-c", "shutdown", d.dir).Run()
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(context.WithoutCancel(t.Context()), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
}
