package auth

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestGuessingIsSlowedDownButNobodyLockedOut(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.add(t, "ada", Agent)
		bad := netip.MustParseAddr("203.0.113.9")
		try := func(from netip.Addr, password string) error {
			_, err := d.SignIn(ctx, "ada", password, Visit{From: from})
			return err
		}
		for range 5 {
			wantCode(t, try(bad, "a wrong guess"), care.Denied)
		}
		soon, ok := errors.AsType[*TooSoon](try(bad, good)) // not even the right one
		if !ok || soon.After != 20*time.Second {
			t.Fatalf("sixth attempt: %v", soon)
		}
		if err := try(home, good); err != nil {
			t.Fatalf("ada from her own address: %v", err)
		}
		time.Sleep(soon.After)
		if err := try(bad, good); err != nil {
			t.Fatalf("after the wait: %v", err)
		}
	})
}

func TestManyAddressesAgainstOneAccount(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.add(t, "ada", Agent)
		d.in(t, "ada") // from home
		refused := 0
		for i := range 400 {
			from := netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)})
			_, err := d.SignIn(ctx, "ada", "a wrong guess", Visit{From: from})
			if _, soon := errors.AsType[*TooSoon](err); soon {
				refused++
			}
		}
		if refused < 290 {
			t.Fatalf("%d of 400 guesses were refused, want about 300", refused)
		}
		d.in(t, "ada") // from where she was before she still gets in
	})
}

func TestASuccessCostsNothing(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, d *desk) {
		d.add(t, "ada", Agent)
		for range 200 {
			d.in(t, "ada")
		}
	})
}

func TestOneAddressIsOneNetwork(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"192.0.2.1", "::ffff:192.0.2.1"},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9"},
		{"fe80::1%eth0", "fe80::2%eth1"},
	} {
		if a, b := network(netip.MustParseAddr(c.a)), network(netip.MustParseAddr(c.b)); a != b {
			t.Errorf("%s is %v, %s is %v", c.a, a, c.b, b)
		}
	}
	if network(netip.MustParseAddr("192.0.2.1")) == network(netip.MustParseAddr("192.0.2.2")) {
		t.Error("two IPv4 addresses are one")
	}
	if network(netip.Addr{}).IsValid() {
		t.Error("no address is a network")
	}
}

// However many names and addresses an attacker tries, what is known of others
// is not forgotten, and memory does not grow.
func TestAFloodForgetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := newThrottle(time.Now)
		for range 5 {
			if _, err := th.take("ada", home); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 5000 {
			_, _ = th.take(care.AgentID(fmt.Sprint("x", i)), netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}))
		}
		if _, err := th.take("ada", home); err == nil {
			t.Fatal("a flood made us forget failures")
		}
		for i := range 3 * maxKnown {
			th.worked(pair{name: care.AgentID(fmt.Sprint("p", i))})
		}
		if n := len(th.known) + len(th.knownBefore); n > 2*maxKnown {
			t.Fatalf("%d addresses are remembered", n)
		}
	})
}
