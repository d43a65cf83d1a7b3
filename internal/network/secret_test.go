package network_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/network"
)

func TestSecretIsNeverShown(t *testing.T) {
	const value = "hunter2"
	held := struct {
		Password network.Secret `json:"password" yaml:"password"`
	}{value}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%08b", "%T"} {
		fmt.Fprintf(&out, verb+"\n", held)
		fmt.Fprintf(&out, verb+"\n", held.Password)
		fmt.Fprintf(&out, verb+"\n", &held)
	}
	asJSON, err := json.Marshal(held)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Dump(held)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(asJSON)
	out.Write(asYAML)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "all", held, "one", held.Password)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "all", held, "one", held.Password)
	for _, leak := range []string{value, fmt.Sprintf("%x", value), fmt.Sprint([]byte(value))} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q is shown:\n%s", leak, out.String())
		}
	}
	if !strings.Contains(string(asJSON), "***") || network.Secret("").String() != "" {
		t.Errorf("a secret is shown as ***, none as nothing: %s", asJSON)
	}
	if string(held.Password) != value {
		t.Error("whoever needs it can have it")
	}
}
