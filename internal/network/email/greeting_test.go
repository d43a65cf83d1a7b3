package email

import (
	"errors"
	"io"
	"net"
	"testing"

	"github.com/amends-care/amends/internal/network"
)

// A server that is busy says goodbye in place of a greeting, or just hangs up: that
// passes, however quickly it is gone.
func TestGoodbyeForAGreeting(t *testing.T) {
	for _, says := range []string{"* BYE busy\r\n", ""} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = io.WriteString(c, says)
				c.Close()
			}
		}()
		a, err := open(&Settings{Address: "care@acme.example", IMAP: "imap://" + l.Addr().String(), Folder: "INBOX", Copy: Append, Password: "x"}, network.NewClient(network.Options{Inside: inside}))
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			_, err := a.signIn(t.Context())
			if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Transient {
				t.Fatalf("%q is told as %v", says, err)
			}
		}
	}
}
