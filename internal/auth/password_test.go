package auth

import (
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
)

func TestPasswordHashIsArgon2id(t *testing.T) {
	h := newHasher()
	phc, err := h.make(t.Context(), "Füße müssen laufen")
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%q, %v", phc, err)
	}
	_, salt, sum, err := parsePHC(phc)
	if err != nil || string(argon2.IDKey([]byte("Füße müssen laufen"), salt, 2, 19456, 1, 32)) != string(sum) {
		t.Fatalf("the sum is not argon2id's: %v", err)
	}
	for password, want := range map[string]bool{
		"Füße müssen laufen":               true,
		"Fu\u0308ße mu\u0308ssen laufen":   true, // the same letters, typed on another system
		"füße müssen laufen":               false,
		"":                                 false,
		"Füße müssen laufen" + "\x00extra": false,
	} {
		if ok, stale, err := h.check(t.Context(), phc, password); ok != want || stale || err != nil {
			t.Errorf("%q: %v, %v, %v", password, ok, stale, err)
		}
	}
}

func TestAnOlderCostStillWorksAndIsStale(t *testing.T) {
	h := newHasher()
	// RFC 9106's algorithm at 64 KiB and one pass, by the reference program.
	const old = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$"
	salt := []byte("somesaltsomesalt")
	sum := argon2.IDKey([]byte(good), salt, 1, 64, 1, 32)
	phc := old + encodeRaw(sum)
	if ok, stale, err := h.check(t.Context(), phc, good); !ok || !stale || err != nil {
		t.Fatalf("%v, %v, %v", ok, stale, err)
	}
}

func TestAStalePasswordIsHashedAnewAtSignIn(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Agent)
		a, doc, err := d.read(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		salt := []byte("somesaltsomesalt")
		weak := cost{memory: 64, time: 1, lanes: 1}
		a.Password = "$argon2id$v=19$m=64,t=1,p=1$" + encodeRaw(salt) + "$" + encodeRaw(d.hasher.derive([]byte(good), salt, weak, 32))
		if _, err := d.store.Commit(t.Context(), batchOf(doc, a)); err != nil {
			t.Fatal(err)
		}
		s := d.in(t, "ada")
		wantIn(t, d, s.Secret)
		if a, _, err = d.read(t.Context(), "ada"); err != nil || !strings.Contains(a.Password, "m=19456,t=2,p=1") {
			t.Fatalf("%q, %v", a.Password, err)
		}
		d.in(t, "ada")
	})
}

func TestCheckPassword(t *testing.T) {
	for password, ok := range map[string]bool{
		"correct horse battery":               true,
		"ヤマハニホンノハシヲワタル":                       true,
		"elevenchars":                         false,
		"aaaaaaaaaaaaaaaaaa":                  false,
		"abababababababababab":                false,
		"my name is adalovelace":              false,
		"broken \xff\xfe bytes here":          false,
		strings.Repeat("long pass ", 200):     false,
		"12345678901":                         false,
		"a\u0301e\u0301i\u0301o\u0301u\u0301": false, // five letters
	} {
		if err := checkPassword("adalovelace", password); (err == nil) != ok {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdA")
	f.Add("$argon2id$v=19$m=99999999999,t=0,p=-1$$")
	f.Fuzz(func(t *testing.T, s string) {
		c, salt, sum, err := parsePHC(s)
		if err != nil {
			return
		}
		if c.memory > 1<<20 || c.time > 64 || c.lanes == 0 || len(salt) < 8 || len(sum) < 16 || len(sum) > 64 {
			t.Fatalf("%q gives a dangerous cost: %+v", s, c)
		}
	})
}

func BenchmarkSignInHash(b *testing.B) {
	h := newHasher()
	for b.Loop() {
		if _, _, err := h.check(b.Context(), "", good); err != nil {
			b.Fatal(err)
		}
	}
}
