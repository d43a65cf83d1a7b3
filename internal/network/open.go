package network

import (
	"cmp"
	"fmt"
	"net/http"
)

// Opening makes a [Driver]'s Open of a driver's own: open is given this driver's
// settings, valid ones, and a client; without one it is a plain [NewClient].
func Opening[S Settings, A Account](open func(S, *http.Client) (A, error)) func(Settings, *http.Client) (Account, error) {
	return func(s Settings, c *http.Client) (Account, error) {
		a, err := OpenWith(s, c, open)
		if err != nil {
			return nil, err
		}
		return a, nil
	}
}

// OpenWith is what opening anything of settings has in common: an account, or
// a channel of package notify.
func OpenWith[S Settings, A any](s Settings, c *http.Client, open func(S, *http.Client) (A, error)) (opened A, err error) {
	own, ok := s.(S)
	if !ok {
		return opened, fmt.Errorf("settings of type %T can't be used where %T are wanted", s, own)
	}
	if err := own.Validate(); err != nil {
		return opened, err
	}
	return open(own, cmp.Or(c, NewClient(Options{})))
}
