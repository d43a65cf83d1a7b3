package watch

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"
)

// On real threads of two dozen brands nothing breaks, and few answers are taken
// for a promise: most of what teams write commits to nothing that has a time.
// With -v it prints what was found, to be looked at by hand.
func TestPromisesInRealThreads(t *testing.T) {
	const dir = "../../../shared/data/ibm_twitter_care/"
	b, err := os.ReadFile(dir + "dev.json")
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") != "true" {
		t.Skip("the threads are not here: they are kept apart from the code")
	}
	if err != nil {
		t.Fatal(err)
	}
	var threads []struct {
		Dialog []struct {
			Agent   string    `json:"agent"`
			Message string    `json:"message"`
			At      time.Time `json:"datetime"`
		} `json:"dialogContent"`
		URL struct {
			Said string `json:"url_utterance"`
		} `json:"agentURL"`
	}
	if err := json.Unmarshal(b, &threads); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{} // texts, and promises in them
	look := func(who, text string, at time.Time) {
		count[who]++
		for _, p := range Promises(text, "en", at, time.UTC) {
			count["promises of a "+who]++
			t.Logf("%s: %s %s | %s", who, p.What, p.DueAt.Sub(at).Round(time.Minute), text[p.From:p.To])
		}
	}
	for _, thread := range threads {
		for _, m := range thread.Dialog {
			who := "customer"
			if m.Agent != "" {
				who = "team"
			}
			look(who, m.Message, m.At)
		}
		look("team", thread.URL.Said, time.Date(2020, 4, 1, 12, 0, 0, 0, time.UTC))
	}
	t.Log(count)
	if count["team"] < 500 || count["promises of a team"] > count["team"]/20 || count["promises of a customer"] > count["customer"]/20 {
		t.Errorf("too many promises: %v", count)
	}
}
