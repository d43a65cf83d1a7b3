package network_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/network"
)

type ears struct{ Deaf bool }

func (e *ears) Validate() error {
	if e.Deaf {
		return errors.New("deaf: must be false")
	}
	return nil
}

type eyes struct{}

func (*eyes) Validate() error { return nil }

type heard struct{ client *http.Client }

func (*heard) Poll(context.Context, string) (network.Page, error) { return network.Page{}, nil }

func TestOpening(t *testing.T) {
	shut := errors.New("shut")
	open := network.Opening(func(e *ears, c *http.Client) (*heard, error) {
		if c.Timeout > 0 {
			return nil, shut
		}
		return &heard{c}, nil
	})
	ours := &http.Client{}
	if a, err := open(&ears{}, ours); err != nil || a.(*heard).client != ours {
		t.Errorf("%v, %v", a, err)
	}
	if a, err := open(&ears{}, nil); err != nil || a.(*heard).client == nil {
		t.Errorf("without a client: %v, %v", a, err)
	}
	if a, err := open(&ears{Deaf: true}, nil); a != nil || err == nil || err.Error() != "deaf: must be false" {
		t.Errorf("settings that are not valid: %v, %v", a, err)
	}
	if a, err := open(&eyes{}, nil); a != nil || err == nil || !strings.Contains(err.Error(), "eyes") {
		t.Errorf("another driver's settings: %v, %v", a, err)
	}
	if a, err := open(&ears{}, &http.Client{Timeout: 1}); a != nil || !errors.Is(err, shut) {
		t.Errorf("what can't be opened is no account: %v, %v", a, err)
	}
}
