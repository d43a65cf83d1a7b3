package config_test

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/network"
)

var update = flag.Bool("update", false, "write the golden files anew")

// echoSettings are those of a network that only tests have.
type echoSettings struct {
	Host        string         `yaml:"host"`
	Handle      string         `yaml:"handle"`
	AppPassword network.Secret `yaml:"app_password"`
	APIToken    string         `yaml:"api_token"` // a secret by its name
	Back        time.Duration  `yaml:"back"`
	Limits      struct {
		Calls  uint16 `yaml:"calls"`
		Strict bool   `yaml:"strict"`
	} `yaml:"limits"`
	Shared echoShared `yaml:",inline"`
	Unset  string     `yaml:"-"`
}

type echoShared struct {
	Tags []string `yaml:"tags"`
}

func (s *echoSettings) Validate() error {
	var errs []error
	if s.Handle == "" {
		errs = append(errs, errors.New("handle: it is missing; write the account's name"))
	}
	switch {
	case s.AppPassword == "":
		errs = append(errs, errors.New("no password was given"))
	case strings.HasPrefix(string(s.AppPassword), "bad"):
		errs = append(errs, fmt.Errorf("app_password: %q is not good enough", string(s.AppPassword)))
	}
	return errors.Join(errs...)
}

func drivers() []network.Driver {
	return []network.Driver{{
		Name:     "echo",
		Settings: func() network.Settings { return &echoSettings{Host: "https://echo.example.org"} },
		Open:     func(network.Settings, *http.Client) (network.Account, error) { return nil, nil },
	}}
}

// Each file in testdata/bad has mistakes; its .txt is what is said about them.
func TestMistakes(t *testing.T) {
	t.Setenv("ECHO_PASSWORD", "correct horse")
	t.Setenv("ECHO_EMPTY", "")
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			c, err := config.Load(file, config.Kinds{Networks: drivers()})
			if err == nil || c != nil {
				t.Fatal("it was taken")
			}
			got := strings.ReplaceAll(err.Error(), filepath.ToSlash("testdata/bad/"), "") + "\n"
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("said\n%s\nwant\n%s", got, want)
			}
		})
	}
}
