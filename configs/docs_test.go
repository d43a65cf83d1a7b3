package configs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/config"
)

const page = "../docs/configuration.md"

var block = regexp.MustCompile("(?s)```(yaml|text)\n(.*?)```")

// Each fragment of the page is a configuration that works; where a text follows,
// that is what check says about it.
func TestPageIsTrue(t *testing.T) {
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ACME_BLUESKY_PASSWORD", "abcd-efgh")
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secrets/bluesky"), []byte("abcd-efgh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	blocks := block.FindAllStringSubmatch(string(b), -1)
	if len(blocks) < 8 {
		t.Fatalf("only %d fragments found", len(blocks))
	}
	for i, m := range blocks {
		if m[1] == "text" {
			continue
		}
		_, err := config.Parse(filepath.Join(dir, "amends.yaml"), []byte(m[2]), app.Kinds())
		said, want := "", ""
		if err != nil {
			said = strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "") + "\n"
		}
		if i+1 < len(blocks) && blocks[i+1][1] == "text" {
			want = blocks[i+1][2]
		}
		if said != want {
			t.Errorf("check says\n%s\nof\n%s\nnot\n%s", said, m[2], want)
		}
	}
}

// Every setting is on the page or, if it is of routing, on that one; and the
// defaults there are those of the program.
func TestPageHasEverySetting(t *testing.T) {
	var text strings.Builder
	for _, file := range []string{page, "../docs/routing.md"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	for path := range comments(t) {
		parts := strings.Split(path, ".")
		name := parts[len(parts)-1]
		if i := slices.IndexFunc(parts, func(p string) bool {
			return p == "given" || p == "week" || p == "lists" || p == "texts" || p == "fallbacks"
		}); i >= 0 && i < len(parts)-1 {
			continue // names that are free
		}
		if path != "" && !regexp.MustCompile("(?m)`([a-z_]+\\.)*"+regexp.QuoteMeta(name)+"`|^## "+regexp.QuoteMeta(name)+"$").MatchString(text.String()) {
			t.Errorf("docs/configuration.md does not name %s", path)
		}
	}
	for setting, want := range defaults() {
		row := regexp.MustCompile("(?m)^\\| `" + regexp.QuoteMeta(setting) + "` \\|.*\\| `(.*)` \\|$").FindStringSubmatch(text.String())
		if row == nil || row[1] != want {
			t.Errorf("docs/configuration.md gives %q as the default of %s, which is %s", row, setting, want)
		}
	}
}

func defaults() map[string]string {
	c := config.Default()
	return map[string]string{
		"brand": c.Brand, "listen": c.Listen,
		"cases.reopen_window": length(c.Cases.ReopenWindow), "cases.late_after": length(c.Cases.LateAfter), "cases.undo_for": length(c.Cases.UndoFor),
		"cases.viral.reach": fmt.Sprint(c.Cases.Viral.Reach), "cases.viral.shares": fmt.Sprint(c.Cases.Viral.Shares),
		"cases.viral.replies_per_hour": fmt.Sprint(c.Cases.Viral.RepliesPerHour),
		"retention.mentions":           length(c.Retention.Mentions), "retention.cases": length(c.Retention.Cases),
		"every": length(everyByDefault),
	}
}
