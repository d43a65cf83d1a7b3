package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Hours of traffic (AMENDS_SOAK=long; else some seconds): the demo's mentions
// arrive, an agent works, the process is killed again and again, and at the end
// every view equals a rebuild from the log.
func TestSoakTraffic(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	rounds, each := 2, 5*time.Second
	if os.Getenv("AMENDS_SOAK") == "long" {
		rounds, each = 120, time.Minute
	}
	dir := filepath.Join(t.TempDir(), "data")
	var token string
	done := map[string]int{}
	for round := range rounds {
		s := start(t, "", "demo", "--data", dir, "--listen", "127.0.0.1:0")
		if token == "" {
			out, code := command(t, "", "token", "add", "--data", dir, "mara", "soak")
			if code != 0 {
				t.Fatalf("token: exit code %d", code)
			}
			token = out[:len(out)-1]
		}
		s.token = token
		for end := time.Now().Add(each); time.Now().Before(end); {
			s.workOne(done, fmt.Sprint(round, "-", done["taken"]))
		}
		s.kill()
	}
	t.Log(done)
	if done["taken"] == 0 || done["answered"] == 0 {
		t.Errorf("nothing was worked: %v", done)
	}
	if out, code := command(t, "", "verify", "--data", dir); code != 0 {
		t.Errorf("verify: exit code %d: %s", code, out)
	}
}

// workOne takes the next case and does something sensible with it.
func (s *server) workOne(done map[string]int, op string) {
	queue := []string{"urgent", "billing", "service"}[rand.IntN(3)]
	var taken struct {
		Case string `json:"case"`
	}
	if s.call("POST", "/queues/"+queue+"/next", "next-"+op, nil, &taken)/100 != 2 || taken.Case == "" {
		return
	}
	done["taken"]++
	id := taken.Case
	if s.call("POST", "/cases/"+id+"/reply", "", map[string]any{"text": "We are on it.", "then": "keep"}, nil)/100 == 2 {
		done["answered"]++
	} else if s.call("POST", "/cases/"+id+"/resolve", "", map[string]any{"disposition": "solved"}, nil)/100 == 2 {
		done["resolved"]++
	}
}
