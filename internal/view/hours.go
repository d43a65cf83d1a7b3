package view

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/care"
)

// keepHours is how far back hours are counted: six weeks and a day, so that an
// hour has six of its kind before it.
const keepHours = (6*7 + 1) * 24

// The series that are counted by the hour. Complaints count when they were
// posted, posts of a source when they were read.
const (
	SeriesSource   = "source/"   // new posts of a source
	SeriesBrand    = "brand/"    // complaints about a brand
	SeriesTopic    = "topic/"    // brand/topic
	SeriesLanguage = "language/" // brand/language
)

// hours are the counts of one transaction, before they are written. What is in
// the file depends on the log alone: an hour is there if it lies within the term
// before the latest, however the records came in groups.
type hours struct {
	add    map[string]int64 // key → how many more
	latest int64            // hour since 1970
	was    int64
}

func hoursOf(tx *bolt.Tx) hours {
	at := int64(number(tx.Bucket(bucketMeta).Get(keyHour)))
	return hours{add: map[string]int64{}, latest: at, was: at}
}

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

func hourKey(series string, hour int64) string {
	return series + "\x00" + string(binary.BigEndian.AppendUint64(nil, uint64(max(hour, 0))))
}

func (h *hours) count(series string, hour int64, by int) {
	if by > 0 && hour > 0 {
		h.add[hourKey(series, hour)] += int64(by)
	}
}

// opened counts the complaints that a record opens a case with. What was old
// when we first saw it is no part of what goes on now.
func (h *hours) opened(r care.Record) {
	for _, e := range r.Events {
		o, ok := e.(care.Opened)
		if !ok {
			continue
		}
		h.latest = max(h.latest, hourOf(r.At))
		if at := hourOf(o.PostedAt); !o.Late && at <= h.latest {
			h.count(SeriesBrand+o.Labels.Brand, at, 1)
			h.count(SeriesTopic+o.Labels.Brand+"/"+o.Labels.Topic, at, 1)
			h.count(SeriesLanguage+o.Labels.Brand+"/"+o.Labels.Language, at, 1)
		}
	}
}

func (h *hours) read(source string, e care.SourceRead, at time.Time) {
	h.latest = max(h.latest, hourOf(at))
	h.count(SeriesSource+source, hourOf(at), e.New-e.Own)
}

// flush writes the counts and drops what is past its term.
func (h *hours) flush(tx *bolt.Tx) error {
	b, floor := tx.Bucket(bucketHour), h.latest-keepHours
	for k, by := range h.add {
		key := []byte(k)
		if int64(number(key[len(key)-8:])) < floor {
			continue
		}
		if err := b.Put(key, numberKey(number(b.Get(key))+uint64(by))); err != nil {
			return err
		}
	}
	if h.latest == h.was {
		return nil
	}
	var past [][]byte
	c := b.Cursor()
	for k, _ := c.First(); k != nil; {
		series := k[:len(k)-8]
		for ; k != nil && len(k) == len(series)+8 && bytes.HasPrefix(k, series) && int64(number(k[len(k)-8:])) < floor; k, _ = c.Next() {
			past = append(past, bytes.Clone(k))
		}
		after := append(bytes.Clone(series[:len(series)-1]), 1) // on to the next series
		k, _ = c.Seek(after)
	}
	errs := []error{tx.Bucket(bucketMeta).Put(keyHour, numberKey(uint64(h.latest)))}
	for _, k := range past {
		errs = append(errs, b.Delete(k))
	}
	return errors.Join(errs...)
}

// Series are the names of the series with a prefix.
func (v *View) Series(prefix string) (names []string, err error) {
	err = v.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketHour).Cursor()
		for k, _ := c.Seek([]byte(prefix)); k != nil && strings.HasPrefix(string(k), prefix); {
			name := k[:len(k)-9]
			names = append(names, string(name))
			k, _ = c.Seek(append(bytes.Clone(name), 1))
		}
		return nil
	})
	return names, err
}

// Hours counts a series by the hour: from the one that holds from, n of them.
func (v *View) Hours(series string, from time.Time, n int) ([]int, error) {
	out, first := make([]int, n), hourOf(from)
	err := v.db.View(func(tx *bolt.Tx) error {
		prefix := series + "\x00"
		c := tx.Bucket(bucketHour).Cursor()
		for k, b := c.Seek([]byte(hourKey(series, first))); k != nil && strings.HasPrefix(string(k), prefix) && len(k) == len(prefix)+8; k, b = c.Next() {
			at := int64(number(k[len(prefix):])) - first
			if at >= int64(n) {
				break
			}
			out[at] = int(number(b))
		}
		return nil
	})
	return out, err
}

// Counting says since when there are counts: the first hour of any series; zero:
// there are none.
func (v *View) Counting() (first time.Time, err error) {
	names, err := v.Series("")
	if err != nil {
		return first, err
	}
	err = v.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketHour).Cursor()
		for _, n := range names {
			if k, _ := c.Seek([]byte(n + "\x00")); k != nil {
				if at := time.Unix(3600*int64(number(k[len(k)-8:])), 0).UTC(); first.IsZero() || at.Before(first) {
					first = at
				}
			}
		}
		return nil
	})
	return first, err
}
