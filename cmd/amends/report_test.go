package main

import (
	"strings"
	"testing"
)

// Reports of another machine are the bytes that its own folder gives, in every
// form.
func TestReportOfAnotherMachine(t *testing.T) {
	dir, _ := crowd(t, 3)
	agent(t, dir, "lena")
	if _, code := command(t, "", "user", "role", "--data", dir, "lena", "lead"); code != 0 {
		t.Fatalf("user role: exit code %d", code)
	}
	token, code := command(t, "", "token", "add", "--data", dir, "lena", "reports")
	if code != 0 {
		t.Fatalf("token add: exit code %d", code)
	}
	token = strings.TrimSpace(token)
	s := serve(t, dir, "", "")
	forms := [][]string{
		{"response", "--format", "table"}, {"response", "--format", "csv", "--by", "queue"}, {"volume", "--format", "svg"},
		{"now", "--format", "json", "--only", "queue=care"}, {"now", "--open", "open/all/open"},
		{"digest"}, {"digest", "--format", "html"},
	}
	for _, args := range forms {
		args = append([]string{"report"}, args...)
		here, code := command(t, "", append(args, "--data", dir)...)
		if code != 0 || here == "" {
			t.Fatalf("%v: exit code %d, %d bytes", args, code, len(here))
		}
		far, code := command(t, "", append(args, "--server", s.base, "--token", token)...)
		if code != 0 || far != here {
			t.Errorf("%v: exit code %d; %d bytes there, %d here, and not the same", args, code, len(far), len(here))
		}
	}
}

// A token sees what its person may.
func TestReportByRight(t *testing.T) {
	dir, token := crowd(t, 1)
	s := serve(t, dir, "", "")
	far := []string{"--server", s.base, "--token", token}
	for name, want := range map[string]int{"now": 0, "response": exitFailed, "digest": exitFailed} {
		if _, code := command(t, "", append([]string{"report", name}, far...)...); code != want {
			t.Errorf("%s for an agent: exit code %d, not %d", name, code, want)
		}
	}
	if out, _ := command(t, "", append([]string{"report", "now"}, far...)...); !strings.HasPrefix(out, "NOW") {
		t.Errorf("now: %s", out)
	}
}
