package app

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/setup"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/boltstore"
)

// A backup begins with what the console set up, if there is something, and then
// is the store's own snapshot. Older ones are that alone.
const (
	backupMagic = "amends backup 1\n"
	maxSetUp    = 300 << 20 // bytes
)

func opBackup(ctx context.Context, e *Engine, c call) error {
	key, err := loadKey(e.keyPath())
	if err != nil {
		return err
	}
	pack, err := setup.Pack(e.Dir, key)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if pack != nil {
		sum := sha256.Sum256(pack)
		head := binary.BigEndian.AppendUint64([]byte(backupMagic), uint64(len(pack)))
		for _, b := range [][]byte{append(head, sum[:]...), pack} {
			if _, err := c.out.Write(b); err != nil {
				return err
			}
		}
	}
	_, err = e.Store.Snapshot(ctx, c.out)
	return err
}

// setUpOf reads what the console set up from the beginning of a backup; nil: it
// has nothing of that.
func setUpOf(r *bufio.Reader) ([]byte, error) {
	if head, err := r.Peek(len(backupMagic)); err != nil || string(head) != backupMagic {
		return nil, nil // what is wrong with it, the store tells
	}
	var head [len(backupMagic) + 8 + sha256.Size]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, fmt.Errorf("the backup ends early: %w", err)
	}
	n := binary.BigEndian.Uint64(head[len(backupMagic):])
	if n > maxSetUp {
		return nil, errors.New("the backup is damaged: it says that more was set up than can be")
	}
	pack, err := io.ReadAll(io.LimitReader(r, int64(n)))
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(pack); uint64(len(pack)) != n || string(sum[:]) != string(head[len(head)-len(sum):]) {
		return nil, errors.New("the backup is damaged, or ends early")
	}
	return pack, nil
}

// Restore makes a folder from a backup, with the key that was kept apart where
// key names its file. It starts held: nothing is read or sent until an
// administrator releases it.
func Restore(ctx context.Context, r io.Reader, dir, key string, by care.Actor) (store.Seq, error) {
	at, err := restore(ctx, bufio.NewReaderSize(r, 1<<20), dir, key, by)
	if err != nil {
		return 0, fmt.Errorf("restore: %w", err)
	}
	return at, nil
}

func restore(ctx context.Context, r *bufio.Reader, dir, given string, by care.Actor) (store.Seq, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	if given != "" {
		if err := bringKey(given, filepath.Join(dir, keyFile)); err != nil {
			return 0, err
		}
	}
	pack, err := setUpOf(r)
	if err != nil {
		return 0, err
	}
	if _, err := os.Stat(setup.Path(dir)); err == nil && pack != nil {
		return 0, fmt.Errorf("%s is there already; a backup overwrites nothing", setup.Path(dir))
	}
	path := filepath.Join(dir, logFile)
	at, err := boltstore.Restore(path, r)
	if err != nil {
		return 0, err
	}
	if err := setup.Unpack(dir, pack); err != nil {
		return 0, err
	}
	st, err := boltstore.Open(path, boltstore.Options{})
	if err != nil {
		return 0, err
	}
	key, err := loadKey(filepath.Join(dir, keyFile))
	if err != nil {
		return 0, errors.Join(err, st.Close())
	}
	if given != "" {
		err = setup.Unseal(dir, key)
	}
	d, failed := desk.New(st, desk.Options{Key: key})
	if err = errors.Join(err, failed); err == nil {
		_, err = d.Hold(ctx, by, "restored from a backup")
	}
	return at.Seq, errors.Join(err, st.Close())
}

// bringKey puts the key that was kept apart into a folder that has none.
func bringKey(from, to string) error {
	if _, err := os.Stat(to); err == nil {
		return fmt.Errorf("%s is there already; nothing is overwritten", to)
	}
	if _, err := os.Stat(from); err != nil {
		return err
	}
	if _, err := loadKey(from); err != nil {
		return err
	}
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return setup.WriteWhole(to, b)
}

// Unseal opens the keys that were pasted in the console, in a folder that was
// restored, once the key of the folder that was backed up is there.
func Unseal(dir string) error {
	if !setup.Sealed(dir) {
		return nil
	}
	key, err := loadKey(filepath.Join(dir, keyFile))
	if err != nil {
		return err
	}
	if err := setup.Unseal(dir, key); err != nil {
		return &care.Error{Code: care.Conflict, Err: err,
			Msg: "The keys that were pasted in the console are sealed with the key of the desk that was backed up. Put that file in the place of {key}; " +
				"or remove {sealed}: then everything starts but what needs those keys, and they are pasted again at Set up.",
			With: []any{"key", filepath.Join(dir, keyFile), "sealed", filepath.Join(dir, "secrets", "sealed")}}
	}
	return nil
}

// A keyless source or channel was restored without its key: it stops, loudly, and
// nothing else does.
type keyless struct{}

func (keyless) err() error {
	return &network.Error{Fault: network.Refused, Unsent: true, Err: errors.New("its key is not in this folder: paste it again at Set up")}
}

// Poll implements network.Account.
func (k keyless) Poll(context.Context, string) (network.Page, error) { return network.Page{}, k.err() }

// Send implements notify.Channel.
func (k keyless) Send(context.Context, string, notify.Notice) error { return k.err() }
