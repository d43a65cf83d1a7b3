package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
)

// figures are some that can be watched.
func figures() config.Kinds {
	return config.Kinds{Figures: map[string]string{"response/first/p90": "seconds", "promises/promises/kept_share": "share", "now/open/open": "count"}}
}

func TestSurveysAndBulletinsThatCanNotWork(t *testing.T) {
	for text, want := range map[string]string{
		"surveys: {rules: [{ask: csat}]}":                                                          "set public_url",
		"public_url: https://care.example.org\nsurveys: {rules: [{ask: mood}]}":                    "write csat, ces or nps",
		"public_url: https://care.example.org\nsurveys: {rules: [{ask: csat, share: 2}]}":          "a share above 0 and at most 1",
		"public_url: https://care.example.org\nsurveys: {rules: [{ask: csat}, {ask: nps}]}":        "the rule before it is for all queues",
		"public_url: https://care.example.org\nsurveys: {rules: [{ask: csat, queues: [nowhere]}]}": "nowhere",
		"surveys: {let_alone: 1h}":                                                 "too short",
		"surveys: {open: 1s}":                                                      "too short",
		"surveys: {low: {at_most: 12}}":                                            "write 0 to 9",
		"surveys: {low: {notify: [nobody]}}":                                       "nobody",
		"digests: [{name: a, each: year, channels: [x]}]":                          "write day, week or month",
		"digests: [{name: a, on: someday, channels: [x]}]":                         "no day of the week",
		"digests: [{name: a, each: month, on: 31}]":                                "1 to 28",
		"digests: [{name: a, each: day, on: mon}]":                                 "leave it out",
		"digests: [{name: a, at: noon}]":                                           "no time of the day",
		"digests: [{name: a, zone: Mars/Olympus}]":                                 "no time zone",
		"digests: [{name: a}]":                                                     "nobody is told",
		"alerts: [{name: a, figure: response/first/p9O, above: 4h}]":               "did you mean response/first/p90?",
		"alerts: [{name: a, figure: response/first/p90}]":                          "either above or below",
		"alerts: [{name: a, figure: response/first/p90, above: 80%}]":              "no length of time",
		"alerts: [{name: a, figure: promises/promises/kept_share, below: \"80\"}]": "no share",
		"alerts: [{name: a, figure: now/open/open, above: many}]":                  "no number",
		"alerts: [{name: a, figure: now/open/open, above: \"9\", clear: \"10\"}]":  "would end while it holds",
		"alerts: [{name: a, figure: now/open/open, above: \"9\", least: 0}]":       "1 at least",
	} {
		_, err := config.Parse("x", []byte(text), figures())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nsaid %v, not %q", text, err, want)
		}
	}
}

func TestSurveyRules(t *testing.T) {
	c, err := config.Parse("x", []byte("public_url: https://care.example.org\nqueues: [{name: care}, {name: billing}]\n"+
		"surveys: {rules: [{ask: nps, queues: [billing], share: 0.5, after: 2d}, {ask: csat}]}"), figures())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Surveys.Rule("billing"), (care.SurveyRule{Ask: care.NPS, After: 48 * time.Hour, Share: 0.5}); got != want {
		t.Errorf("%+v", got)
	}
	if got, want := c.Surveys.Rule("care"), (care.SurveyRule{Ask: care.CSAT, After: 24 * time.Hour, Share: 1}); got != want {
		t.Errorf("%+v", got)
	}
}

func TestLimits(t *testing.T) {
	for _, v := range []struct {
		a         config.Alert
		unit      string
		at, clear float64
	}{
		{config.Alert{Above: "4h"}, "seconds", 14_400, 12_960},
		{config.Alert{Above: "4h", Clear: "3h"}, "seconds", 14_400, 10_800},
		{config.Alert{Below: "80%"}, "share", 0.8, 0.88},
		{config.Alert{Below: "-20"}, "points", -20, -18},
		{config.Alert{Above: "100"}, "count", 100, 90},
	} {
		l, err := v.a.Limit(v.unit)
		if err != nil || l.At != v.at || l.Clear-v.clear > 1e-9 || v.clear-l.Clear > 1e-9 {
			t.Errorf("%+v: %+v, %v", v.a, l, err)
		}
	}
}
