package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	bolt "go.etcd.io/bbolt"
)

// The command line, as people use it: each script is one subject.
func TestScripts(t *testing.T) {
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(path)+string(os.PathListSeparator)+env.Getenv("PATH"))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"nobyte": noByte,
			"tamper": tamper,
		},
		RequireExplicitExec: true,
	})
}

// noByte DIR TEXT… fails when a text is anywhere in a file of a folder.
func noByte(ts *testscript.TestScript, neg bool, args []string) {
	found := ""
	for _, f := range filesIn(ts, ts.MkAbs(args[0])) {
		b, err := os.ReadFile(f)
		ts.Check(err)
		for _, text := range args[1:] {
			if bytes.Contains(bytes.ToLower(b), bytes.ToLower([]byte(text))) {
				found = text + " in " + f
			}
		}
	}
	switch {
	case found != "" && !neg:
		ts.Fatalf("found %s", found)
	case found == "" && neg:
		ts.Fatalf("found none of %q", args[1:])
	}
}

func filesIn(ts *testscript.TestScript, dir string) (files []string) {
	ts.Check(filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, p)
		}
		return err
	}))
	return files
}

// tamper DIR takes a case out of a list of the view.
func tamper(ts *testscript.TestScript, _ bool, args []string) {
	db, err := bolt.Open(filepath.Join(ts.MkAbs(args[0]), "view.db"), 0o600, nil)
	ts.Check(err)
	ts.Check(db.Update(func(tx *bolt.Tx) error {
		k, _ := tx.Bucket([]byte("list")).Cursor().First()
		return tx.Bucket([]byte("list")).Delete(k)
	}))
	ts.Check(db.Close())
}
