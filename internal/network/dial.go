package network

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

// ErrNotPublic is why a call to an address of a private network is not made.
var ErrNotPublic = errors.New("not a public address")

const notPublic = ": the address is not public; if the server is yours, allow it by \"inside\" in the configuration file"

// special are the blocks that the IANA registries keep out of the public
// internet and that netip has no question for.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // carrier-grade NAT
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays, gone
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, broadcast
	netip.MustParsePrefix("::/96"),           // IPv4 in an outdated dress
	netip.MustParsePrefix("64:ff9b:1::/48"),  // local translation
	netip.MustParsePrefix("100::/64"),        // discard
	netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4: hides an IPv4 address
	netip.MustParsePrefix("3fff::/20"),       // documentation
	netip.MustParsePrefix("5f00::/16"),       // segment routing
	netip.MustParsePrefix("fec0::/10"),       // site-local, outdated
}

// translated is where a NAT64 shows IPv4 hosts: public if they are.
var translated = netip.MustParsePrefix("64:ff9b::/96")

// Public says whether an address belongs to the public internet, as opposed to
// this machine, its own network or a block set apart.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if translated.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

func (o *Options) allowed(a netip.Addr) bool {
	if Public(a) {
		return true
	}
	a = a.Unmap().WithZone("")
	for _, p := range o.Inside {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// dialer connects to allowed addresses only. The question is asked after the
// name was looked up and for every connection, so neither a redirect nor a name
// that changes its address can pass by it. The proxy is where it is configured.
func dialer(o *Options) func(context.Context, string, string) (net.Conn, error) {
	opts := *o
	free := &net.Dialer{Timeout: opts.DialTimeout}
	guarded := &net.Dialer{Timeout: opts.DialTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !opts.allowed(to.Addr()) {
			return ErrNotPublic
		}
		return nil
	}}
	proxy := proxyAddress(opts.Proxy)
	return func(ctx context.Context, _, address string) (net.Conn, error) {
		if proxy != "" && address == proxy {
			return free.DialContext(ctx, "tcp", address)
		}
		return guarded.DialContext(ctx, "tcp", address)
	}
}

// Dialer gives a driver that does not speak HTTP the guarded connections of the
// client it was opened with: allowed addresses only, in bounded time. A proxy
// is passed by, since it carries HTTP alone. Every error is an [*Error] that is
// Unsent.
func Dialer(c *http.Client) func(ctx context.Context, network, address string) (net.Conn, error) {
	g := guardOf(c)
	opts := g.opts
	opts.Proxy = nil
	dial := dialer(&opts)
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err == nil {
			return conn, nil
		}
		e := &Error{Fault: Transient, Unsent: true, Err: Explain(address+": "+plain(err), err)}
		if errors.Is(err, ErrNotPublic) {
			e.Fault = Refused
			e.Err = Explain(address+notPublic, err)
		} else if ctxErr := ctx.Err(); ctxErr != nil {
			e.Err = Explain(address+": "+plain(ctxErr), ctxErr)
		}
		return nil, e
	}
}

func proxyAddress(u *url.URL) string {
	if u == nil {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// checkLiteral refuses an address written out in a URL before a proxy could
// carry the call there.
func (o *Options) checkLiteral(u *url.URL) error {
	if o.Proxy == nil {
		return nil
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	a, err := netip.ParseAddr(host)
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if err != nil && !local || err == nil && o.allowed(a) {
		return nil
	}
	return &Error{Fault: Refused, Unsent: true, Err: Explain(host+notPublic, ErrNotPublic)}
}
