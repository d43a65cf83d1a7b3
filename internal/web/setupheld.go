package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/form"
)

const (
	heldFor  = 15 * time.Minute
	heldMost = 200      // forms at once
	heldSize = 64 << 10 // bytes of the keys of one form
)

// A heldKeys remembers for some minutes the keys that were pasted into forms
// which could not be saved yet, so that nobody has to paste them again and none
// goes back to a browser. What it has is sealed by a slip that only the form
// has, together with the secret of the session: neither alone opens it.
type heldKeys struct {
	now  func() time.Time
	mu   sync.Mutex
	kept []heldForm // the oldest first
}

type heldForm struct {
	id     [sha256.Size]byte
	at     time.Time
	sealed []byte
}

// sealOf is what a slip is remembered by, and the key that it opens with.
func sealOf(r *http.Request, slip, what string) (id [sha256.Size]byte, aead cipher.AEAD, err error) {
	whole := askedOf(r.Context()).secret + "\x00" + what + "\x00" + slip
	id = sha256.Sum256([]byte("id\x00" + whole))
	key := sha256.Sum256([]byte("key\x00" + whole))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return id, nil, err
	}
	aead, err = cipher.NewGCMWithRandomNonce(block)
	return id, aead, err
}

func (in *filling) what() string {
	return in.ch.Section + "\x00" + in.ch.Kind + "\x00" + in.sent.Get("entry")
}

// fill puts the keys that were pasted before where none was pasted now.
func (h *heldKeys) fill(r *http.Request, in *filling) {
	in.held = map[string]string{}
	if before := h.open(r, in); before != nil {
		eachSecret(in.f.Fields, in.ch.Values, "", func(path string, at form.Values, name string) {
			if _, given := at[name]; !given && before[path] != "" {
				at[name] = before[path]
			}
		})
	}
	eachSecret(in.f.Fields, in.ch.Values, "", func(path string, at form.Values, name string) {
		if given, _ := at[name].(string); given != "" {
			in.held[path] = given
		}
	})
}

func (h *heldKeys) open(r *http.Request, in *filling) map[string]string {
	slip := in.sent.Get("slip")
	if slip == "" {
		return nil
	}
	id, aead, err := sealOf(r, slip, in.what())
	if err != nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forget()
	i := slices.IndexFunc(h.kept, func(f heldForm) bool { return f.id == id })
	if i < 0 {
		return nil
	}
	b, err := aead.Open(nil, nil, h.kept[i].sealed, nil)
	keys := map[string]string{}
	if err != nil || json.Unmarshal(b, &keys) != nil {
		return nil
	}
	return keys
}

// keep remembers the keys of a form that stays open, and returns its slip.
func (h *heldKeys) keep(r *http.Request, in *filling) (slip string, err error) {
	h.drop(r)
	size := 0
	for path, key := range in.held {
		size += len(path) + len(key)
	}
	if size == 0 || size > heldSize || askedOf(r.Context()).secret == "" {
		in.held = nil
		return "", nil
	}
	slip = rand.Text()
	id, aead, err := sealOf(r, slip, in.what())
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(in.held)
	if err != nil {
		return "", err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forget()
	h.kept = append(h.kept, heldForm{id, h.now(), aead.Seal(nil, nil, b, nil)})
	if len(h.kept) > heldMost {
		h.kept = slices.Delete(h.kept, 0, len(h.kept)-heldMost)
	}
	return slip, nil
}

// drop forgets what a form had.
func (h *heldKeys) drop(r *http.Request) {
	in := &filling{sent: r.PostForm}
	in.ch.Section, in.ch.Kind = r.PathValue("section"), r.PostForm.Get("kind")
	id, _, err := sealOf(r, r.PostForm.Get("slip"), in.what())
	if err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kept = slices.DeleteFunc(h.kept, func(f heldForm) bool { return f.id == id })
}

// forget drops what is over.
func (h *heldKeys) forget() {
	over := h.now().Add(-heldFor)
	h.kept = slices.DeleteFunc(h.kept, func(f heldForm) bool { return f.at.Before(over) })
}

// eachSecret calls use for each secret that fields ask for, with the values that
// it is, or would be, among.
func eachSecret(fields []form.Field, v form.Values, path string, use func(path string, at form.Values, name string)) {
	for _, f := range fields {
		switch f.Kind {
		case form.Secret:
			use(path+f.Name, v, f.Name)
		case form.Group:
			below, ok := v[f.Name].(form.Values)
			if !ok {
				below = form.Values{}
			}
			eachSecret(f.Fields, below, path+f.Name+".", use)
			if !ok && len(below) > 0 {
				v[f.Name] = below
			}
		}
	}
}
