package network

import (
	"fmt"
	"log/slog"
)

// A Secret is a password or key among a driver's settings. Whatever prints it
// shows ***; string(s) is what it holds. The configuration refuses a Secret that
// is written out in its file.
type Secret string

const hidden = "***"

func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// Format keeps it out of every verb of fmt.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue keeps it out of logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps it out of JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
