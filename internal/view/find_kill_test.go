package view_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/boltstore"
	"github.com/amends-care/amends/internal/view/search"
)

// indexUntilKilled follows a copy of a log, and says where it is.
func indexUntilKilled(t *testing.T, dir string) {
	st, err := boltstore.Open(filepath.Join(dir, "copy.db"), boltstore.Options{Unsynced: true})
	if err != nil {
		t.Fatal(err)
	}
	ix, err := search.Open(filepath.Join(dir, "search"), st, nil)
	if err != nil {
		t.Fatal(err)
	}
	last, err := store.Last(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for at := ix.Position() + 1; at <= last && ix.Wait(context.Background(), at) == nil; at++ {
			fmt.Println("at", at)
		}
		fmt.Println("done")
	}()
	t.Fatal(ix.Run(context.Background()))
}

// killed runs that in a process of its own, and kills it after some records.
func killed(t *testing.T, dir string, round int) {
	t.Helper()
	copied, err := os.ReadFile(filepath.Join(dir, "log.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "copy.db"), copied, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestSearchSurvivesAKill$")
	cmd.Env = append(os.Environ(), "AMENDS_TEST_INDEX="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; n < round*300+1 && lines.Scan() && lines.Text() != "done"; n++ {
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
}
