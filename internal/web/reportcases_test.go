package web

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/auth"
)

// A manager traces a median to its cases by eye: each stands with its wait, the
// longest first, and the one that the figure is of says so; as a file too.
func TestCasesBehindANumberSayWhatTheyGive(t *testing.T) {
	b := sixtyCases(t)
	lead := b.in(auth.Lead)
	address := "/reports/response?" + march + "&open=first/all/median"
	page := b.browse(lead, "GET", address, nil).want(200)
	page.contains("<b>23\u00a0min</b> <small>← the figure</small>", "or more", "<th>Time</th>", "as=csv")
	body := string(page.body)
	if longest, shortest := strings.Index(body, ">40\u00a0min<"), strings.Index(body, ">1\u00a0min<"); longest < 0 || shortest < longest {
		t.Errorf("40 min stands at %d, 1 min at %d", longest, shortest)
	}
	lines, err := csv.NewReader(strings.NewReader(string(b.browse(lead, "GET", address+"&as=csv", nil).want(200).body))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	waiting := 0
	for _, line := range lines[1:] {
		if line[6] == "true" {
			waiting++
		}
	}
	if len(lines) != 48 || waiting != 7 || lines[0][4] != "value" {
		t.Errorf("%d lines, %d of which wait on: %v", len(lines), waiting, lines[0])
	}
	b.browse(lead, "GET", "/reports/response?"+march+"&open=first/all/within", nil).want(200).contains(`<td class="num">yes</td>`, `<td class="num">no</td>`)
	b.browse(lead, "GET", "/reports/volume?"+march+"&open=cases/all/spam", nil).want(200).lacks("<th>Counts for it</th>", "<th>Times</th>")
	b.browse(b.in(auth.Agent), "GET", address+"&as=csv", nil).want(403)
}
