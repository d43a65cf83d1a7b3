package translatetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/translate"
	"github.com/amends-care/amends/internal/translate/translatetest"
)

const host = "translate.acme.example"

// A plain service asks in two fields, spoilt in one way or not at all.
type plain struct {
	http        *http.Client
	key, defect string
}

func (p *plain) Host() string {
	if p.defect == "another host" {
		return "elsewhere.example"
	}
	return host
}

func (p *plain) Translate(ctx context.Context, text, to string) (translate.Translated, error) {
	asked := map[string]string{"text": text, "to": to}
	switch p.defect {
	case "shortened":
		asked["text"] = text[:min(len(text), 1000)]
	case "another language":
		asked["to"] = "en"
	case "trimmed":
		asked["text"] = strings.TrimSpace(strings.ReplaceAll(text, "<", ""))
	case "a field of its own":
		asked["model"] = "best"
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return translate.Translated{}, err
	}
	address, head := "https://"+host+"/", http.Header{"Key": {p.key}}
	if p.defect == "key in the address" {
		address += "?key=" + p.key
	}
	if p.defect == "deaf to the end" {
		ctx = context.WithoutCancel(ctx)
	}
	var got struct{ Text, From string }
	if p.defect == "another client" {
		err = broken(p.http, address, head, body, &got)
	} else if _, err = (network.Call{Method: http.MethodPost, URL: address, Header: head, Body: body}).Do(ctx, p.http, &got); err != nil && p.defect == "asks again" {
		_, err = network.Call{Method: http.MethodPost, URL: address, Header: head, Body: body}.Do(ctx, p.http, &got)
	}
	if err != nil {
		switch p.defect {
		case "tells the key":
			err = network.Refused.Because("the key " + p.key + " is wrong")
		case "tells the text":
			err = network.Transient.Because("not translated: " + text)
		case "swallows":
			return translate.Translated{}, nil
		case "all is settled":
			err = network.Transient.Unsent("it failed")
		}
		return translate.Translated{}, err
	}
	if p.defect == "from nowhere" {
		got.From = ""
	}
	return translate.Told(got.Text, got.From)
}

// broken asks and returns an error of no type.
func broken(c *http.Client, address string, head http.Header, body []byte, into any) error {
	req, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = head.Clone()
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.Do(req)
	if err != nil {
		return errors.New("it failed")
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}

func simulated(t testing.TB) *translatetest.Simulator {
	return translatetest.Simulate(t, func(s *translatetest.Simulator, r *http.Request, asked func(text, to string) string) (int, any) {
		var in struct{ Text, To string }
		s.Read(r, &in)
		if r.Header.Get("Key") != translatetest.Key {
			return http.StatusUnauthorized, "no"
		}
		return http.StatusOK, map[string]string{"text": asked(in.Text, in.To), "from": translatetest.From}
	})
}

// TestSpoilt is the suite over a service with the defect that is asked for.
func TestSpoilt(t *testing.T) {
	translatetest.Run(t, translatetest.Traits{Host: host}, simulated, func(c *http.Client, key string) (translate.Service, error) {
		return &plain{c, key, os.Getenv("DEFECT")}, nil
	})
}

func TestTheSuiteFindsDefects(t *testing.T) {
	for _, defect := range []string{
		"another host", "shortened", "another language", "trimmed", "a field of its own", "key in the address", "deaf to the end", "another client",
		"asks again", "tells the key", "tells the text", "swallows", "all is settled", "from nowhere",
	} {
		t.Run(defect, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSpoilt$")
			cmd.Env = append(os.Environ(), "DEFECT="+defect)
			if out, err := cmd.CombinedOutput(); err == nil {
				t.Errorf("the suite is content:\n%s", out)
			}
		})
	}
}
