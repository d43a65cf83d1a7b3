// Package pager wakes whoever is on call, by PagerDuty or Opsgenie.
//
// What a notice is about is opened there once, however often it is told, and
// closed when a notice says that it is over. Who is on call, and what happens when
// they don't answer, is set up there. The package keeps nothing and tries nothing
// again.
package pager

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/notify"
)

const name = "pager"

// The kinds of pager.
const (
	PagerDuty = "pagerduty"
	Opsgenie  = "opsgenie"
)

// Settings are one service of PagerDuty, or one integration of Opsgenie.
type Settings struct {
	// Kind is pagerduty or opsgenie.
	Kind string `yaml:"kind"`
	// Key is the integration key: of the Events API v2 for PagerDuty, of an API
	// integration for Opsgenie.
	Key network.Secret `yaml:"key"`
	// URL is the service, where it is not in the United States:
	// https://events.eu.pagerduty.com or https://api.eu.opsgenie.com.
	URL string `yaml:"url"`
}

// String tells the kind only.
func (s *Settings) String() string { return "pager by " + s.Kind }

// GoString keeps secrets out of %#v.
func (s *Settings) GoString() string { return s.String() }

// Validate implements [notify.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	if s.Kind != PagerDuty && s.Kind != Opsgenie {
		wrong = append(wrong, errors.New("kind: must be pagerduty or opsgenie"))
	}
	if s.Key == "" || strings.ContainsFunc(string(s.Key), func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		wrong = append(wrong, errors.New("key: it is missing, or has a space"))
	}
	if u, err := url.Parse(s.at()); err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && u.Scheme != "http" {
		wrong = append(wrong, errors.New("url: must be an address that begins with https://"))
	}
	return errors.Join(wrong...)
}

func (s *Settings) at() string {
	if s.Kind == Opsgenie {
		return strings.TrimSuffix(cmp.Or(s.URL, "https://api.opsgenie.com"), "/")
	}
	return strings.TrimSuffix(cmp.Or(s.URL, "https://events.pagerduty.com"), "/")
}

// Driver opens pagers.
func Driver() notify.Driver {
	return notify.Driver{
		Name:     name,
		Settings: func() notify.Settings { return &Settings{} },
		Open: notify.Opening(func(s *Settings, c *http.Client) (*Channel, error) {
			return &Channel{settings: *s, http: network.Adapt(c, network.Dialect{})}, nil
		}),
	}
}

// A Channel is one service. Safe for concurrent use.
type Channel struct {
	settings Settings
	http     *http.Client
}

// Send implements [notify.Channel]. To is the team that Opsgenie is to tell, or
// empty; on PagerDuty the key says who it is, and to is not used.
func (c *Channel) Send(ctx context.Context, to string, n notify.Notice) error {
	n = n.Clean()
	path, call := c.pagerDuty(n)
	if c.settings.Kind == Opsgenie {
		path, call = opsgenie(to, n)
	}
	body, err := json.Marshal(call)
	if err != nil {
		return network.Malformed.Unsent("the notice can't be written")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.settings.at()+path, bytes.NewReader(body))
	if err != nil {
		return network.Malformed.Unsent("url is no address")
	}
	req.Header.Set("Content-Type", "application/json")
	if c.settings.Kind == Opsgenie {
		req.Header.Set("Authorization", "GenieKey "+string(c.settings.Key))
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return network.Typed(err)
	}
	resp.Body.Close() // whatever it says, the status says that it was taken
	return nil
}

// Keeps implements [notify.Keeper].
func (c *Channel) Keeps() bool { return true }

type object = map[string]any

// about names what is opened and closed. Both services bound it, and a name is
// nobody's to read there.
func about(n notify.Notice) string {
	sum := sha256.Sum256([]byte(cmp.Or(n.About, n.Key)))
	return "amends-" + hex.EncodeToString(sum[:16])
}

// pagerDuty writes an event.
// https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
func (c *Channel) pagerDuty(n notify.Notice) (string, any) {
	const path = "/v2/enqueue"
	event := object{"routing_key": string(c.settings.Key), "dedup_key": about(n), "event_action": "trigger"}
	switch {
	case n.Over:
		event["event_action"] = "resolve"
		return path, event
	case n.Known:
		event["event_action"] = "acknowledge"
		return path, event
	}
	severity := map[notify.Severity]string{notify.Note: "info", notify.Warning: "warning", notify.Critical: "critical"}
	payload := object{"summary": n.Title, "source": "amends", "severity": severity[n.Severity], "custom_details": object{"text": n.Body}}
	if !n.At.IsZero() {
		payload["timestamp"] = n.At.UTC().Format(time.RFC3339)
	}
	event["payload"], event["client"] = payload, "Amends"
	if n.Link != "" {
		event["client_url"], event["links"] = n.Link, []object{{"href": n.Link, "text": "Open in Amends"}}
	}
	return path, event
}

// opsgenie writes an alert, acknowledges or closes one.
// https://docs.opsgenie.com/docs/alert-api
func opsgenie(to string, n notify.Notice) (string, any) {
	if n.Over || n.Known {
		act := "acknowledge"
		if n.Over {
			act = "close"
		}
		return "/v2/alerts/" + about(n) + "/" + act + "?identifierType=alias", object{"source": "Amends", "note": n.Title}
	}
	priority := map[notify.Severity]string{notify.Note: "P5", notify.Warning: "P3", notify.Critical: "P1"}
	text := n.Body
	if utf8.RuneCountInString(n.Title) > maxMessage { // all of it stands in the description
		text = strings.TrimSpace(n.Title + "\n" + text)
	}
	alert := object{
		"message": short(n.Title), "alias": about(n), "source": "Amends", "priority": priority[n.Severity],
		"description": strings.TrimSpace(clip(text) + "\n" + n.Link),
	}
	if to != "" {
		alert["responders"] = []object{{"type": "team", "name": to}}
	}
	return "/v2/alerts", alert
}

// maxMessage is how many signs Opsgenie takes of a title, maxText how many bytes
// fit of what stands below: 15,000 signs with the link.
const (
	maxMessage = 130
	maxText    = 12_000
)

func short(s string) string {
	if r := []rune(s); len(r) > maxMessage {
		return string(r[:maxMessage-1]) + "…"
	}
	return s
}

func clip(s string) string {
	if len(s) > maxText {
		return strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return s
}

var _ notify.Channel = (*Channel)(nil)
