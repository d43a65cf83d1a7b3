package file

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// settled is how long a file must have been left alone before its last line
// counts although no line feed ends it.
const settled = 30 * time.Second

// grace is more than the steps in which any system dates files.
const grace = 2 * time.Second

// A folder reads one file, or those of a folder that are wanted.
type folder struct{ Settings }

// A found is a file as the folder lists it.
type found struct {
	name     string
	size     int64
	changed  int64 // nanoseconds
	modified time.Time
}

// Poll implements [network.Account].
func (f *folder) Poll(ctx context.Context, at string) (network.Page, error) {
	if err := ctx.Err(); err != nil {
		return network.Page{}, network.Transient.Because("reading was cancelled", err)
	}
	c, err := readCursor(at)
	if err != nil {
		return network.Page{}, err
	}
	dir, only, err := f.where()
	if err != nil {
		return network.Page{}, typed(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return network.Page{}, typed(err)
	}
	defer root.Close()
	files, err := f.list(root, only)
	if err != nil {
		return network.Page{}, typed(err)
	}
	s := &scan{folder: f, cursor: c, root: root, single: only != "", now: time.Now().UTC()}
	if err := s.run(ctx, files); err != nil {
		return network.Page{}, typed(err)
	}
	sortItems(s.page.Items)
	s.page.Next = c.String()
	return s.page, nil
}

// list names the files to read, in the order of their names.
func (f *folder) list(root *os.Root, only string) ([]found, error) {
	names := []string{only}
	if only == "" {
		entries, err := fs.ReadDir(root.FS(), ".")
		if err != nil {
			return nil, err
		}
		names = names[:0]
		for _, e := range entries {
			if f.wanted(e.Name()) {
				names = append(names, e.Name())
			}
		}
	}
	files := make([]found, 0, len(names))
	for _, name := range names {
		if file, ok, err := look(root, name); err != nil {
			return nil, err
		} else if ok {
			files = append(files, file)
		}
	}
	slices.SortFunc(files, func(a, b found) int { return strings.Compare(a.name, b.name) })
	return files, nil
}

// look is false for what is no file, or leads out of the folder, or has gone.
func look(root *os.Root, name string) (found, bool, error) {
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return found{}, false, err
	case err != nil || !info.Mode().IsRegular():
		return found{}, false, nil
	}
	return found{name, info.Size(), changed(info), info.ModTime()}, true, nil
}

// A scan reads one page.
type scan struct {
	*folder
	*cursor
	root   *os.Root
	single bool
	now    time.Time
	page   network.Page
	lines  int // read so far, bad ones included
}

// run goes through the files in order, from where the last page stopped, until
// the page is full or every file was seen.
func (s *scan) run(ctx context.Context, files []found) error {
	seen := listing(files)
	resumed := s.Began != 0
	if !resumed {
		s.begin(files)
		s.Began = seen
	}
	if stop, err := s.removed(files); err != nil || stop {
		return err
	}
	for _, file := range files {
		if file.name < string(s.Scan) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return network.Transient.Because("reading was cancelled", err)
		}
		stop, err := s.file(file)
		if err != nil || stop {
			return err
		}
	}
	s.page.More = resumed && s.Began != seen // files came or grew behind our back
	s.Floor, s.Ceil, s.Began, s.Scan, s.Mid = max(s.Floor, s.Ceil), 0, 0, nil, false
	return nil
}

// begin starts a new scan. Its ceil is the date of the newest file that has
// stood for a grace, since systems date files in steps: one that comes right
// after it may bear the same date. A floor in the future says that the clock was
// set back; what came since then can only be found by reading anew.
func (s *scan) begin(files []found) {
	now := s.now.UnixNano()
	if s.Floor > now {
		s.Floor = 0
	}
	for _, file := range files {
		if file.changed <= now-int64(grace) {
			s.Ceil = max(s.Ceil, file.changed)
		}
	}
}

// listing is a sum of what the folder holds; never 0.
func listing(files []found) int64 {
	sum := fnv.New64a()
	for _, file := range files {
		fmt.Fprintf(sum, "%s\x00%d\x00", file.name, file.size)
	}
	return int64(sum.Sum64()>>1) | 1
}

// removed deals with files that are not there any more. The rest of one that
// was put aside is read; one that went away in the middle of it is a gap. A file
// that was deleted after it was read is forgotten.
func (s *scan) removed(files []found) (stop bool, err error) {
	names := make(map[[6]byte]bool, len(files))
	for _, file := range files {
		names[hashName([]byte(s.key(file)))] = true
	}
	for _, p := range slices.Clone(s.places) {
		if names[p.name] {
			continue
		}
		ok, stop, err := s.rest("", p)
		if err != nil || stop {
			return stop, err
		}
		if !ok && s.Mid && p.name == hashName(s.Scan) {
			s.gap(p, "a file was removed while it was being read")
		}
		s.forget(p)
	}
	return false, nil
}

// file reads what is new in one file. stop ends the page.
func (s *scan) file(file found) (stop bool, err error) {
	p, known := s.place(s.key(file))
	switch {
	case known && file.size == p.offset && file.changed <= s.Floor:
		return false, nil
	case !known && file.changed <= s.Floor:
		return false, nil
	}
	f, err := s.root.Open(file.name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // the next scan will see
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	print, err := fingerprint(f, p.offset)
	if err != nil {
		return false, err
	}
	if known && (file.size < p.offset || print != p.print) {
		ok, stop, err := s.rest(file.name, p)
		if err != nil || stop {
			return stop, err
		}
		if !ok {
			s.gap(p, "the file was replaced or cut; lines added to it before that may be unread")
		}
		p = place{name: p.name, at: max(0, file.modified.Unix())}
		if p.print, err = fingerprint(f, 0); err != nil {
			return false, err
		}
		s.keep(p)
	}
	if known && file.size == p.offset {
		return false, nil
	}
	stop, err = s.read(f, file, p)
	s.Scan, s.Mid = []byte(file.name), stop
	return stop, err
}

// key is what a file's place is kept under. A single file keeps it also when
// the link that leads to it points elsewhere.
func (s *scan) key(file found) string {
	if s.single {
		return s.Path
	}
	return file.name
}

// read reads on in one file, and keeps the place it came to.
func (s *scan) read(f *os.File, file found, p place) (stop bool, err error) {
	r := NewReader(io.NewSectionReader(f, p.offset, file.size-p.offset), file.name, s.now)
	usable, err := r.resume(io.NewSectionReader(f, 0, p.offset), p.offset, int(p.line))
	if err != nil && err != io.EOF {
		return false, err
	}
	if !usable && p.offset > 0 {
		p.offset = file.size // the header was of no use when the file was new
	}
	for usable && !stop {
		if s.lines >= s.Page {
			stop, s.page.More = true, true
			break
		}
		row, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return false, err
		}
		if r.open && !s.whole(r, row, file) {
			break
		}
		if !s.appears(&row) {
			stop = true
			break
		}
		s.lines++
		if row.wrong != "" && !s.single {
			row.wrong = file.name + ": " + row.wrong
		}
		row.into(&s.page, s.Page)
		p.offset, p.line = r.Offset(), int64(r.Line())
	}
	if r.useless {
		p.offset = file.size
	}
	if p.print, err = fingerprint(f, p.offset); err != nil {
		return false, err
	}
	p.at = max(0, file.modified.Unix())
	s.keep(p)
	return stop, nil
}

// whole says that a last line without a line feed can be taken: JSON that is
// complete can't go on, and nobody goes on with a file that was left alone.
func (s *scan) whole(r *Reader, last row, file found) bool {
	if r.format == JSONL && last.wrong == "" {
		return true
	}
	return s.now.Sub(file.modified).Abs() >= settled
}

// appears says whether a replayed item's time has come, and dates it.
func (s *scan) appears(r *row) bool {
	if s.Replay == 0 || r.wrong != "" || !r.dated {
		return true
	}
	at := happened(r.item)
	if s.Base == 0 {
		s.Base, s.Origin = s.now.UnixMilli(), at.UnixMilli()
	}
	due := s.due(at, s.Replay)
	if due.After(s.now) {
		return false
	}
	if s.Shift {
		p := &r.item.Post
		p.PostedAt = s.due(p.PostedAt, s.Replay)
		if !p.EditedAt.IsZero() {
			p.EditedAt = s.due(p.EditedAt, s.Replay)
		}
	}
	return true
}

// rest reads what was left unread of a file that is not where it was: another
// one has its name (then called instead), or it was cut, or moved. ok is false
// when it can't be found where such files are put aside.
func (s *scan) rest(instead string, p place) (ok, stop bool, err error) {
	aside, ok, err := s.aside(instead, p)
	if err != nil || !ok || aside.size == p.offset {
		return ok, false, err
	}
	f, err := s.root.Open(aside.name)
	if err != nil {
		return false, false, err
	}
	defer f.Close()
	stop, err = s.read(f, aside, p)
	return true, stop, err
}

// maxAside bounds the search for a file that was put aside.
const maxAside = 1000

// aside looks for the file that p was read of under another name.
func (s *scan) aside(instead string, p place) (found, bool, error) {
	if p.offset == 0 {
		return found{}, false, nil
	}
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return found{}, false, err
	}
	for _, e := range entries[:min(len(entries), maxAside)] {
		other, ok, err := look(s.root, e.Name())
		if err != nil || !ok || other.name == instead || other.size < p.offset {
			continue
		}
		f, err := s.root.Open(other.name)
		if err != nil {
			continue
		}
		print, err := fingerprint(f, p.offset)
		f.Close()
		if err == nil && print == p.print {
			return other, true, nil
		}
	}
	return found{}, false, nil
}

func (s *scan) gap(p place, why string) {
	s.page.Gaps = append(s.page.Gaps, network.Gap{From: time.Unix(p.at, 0).UTC(), To: s.now, Why: why})
}
