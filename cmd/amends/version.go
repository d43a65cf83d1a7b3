package main

import (
	"runtime"
	"runtime/debug"

	kongcompletion "github.com/jotaen/kong-completion"
)

type versionCmd struct {
	JSON bool `help:"Print one object for programs."`
}

func (v *versionCmd) Run(c console) error {
	if v.JSON {
		return c.print(map[string]string{"version": version(), "go": runtime.Version()})
	}
	c.printf("amends %s (%s)\n", version(), runtime.Version())
	return nil
}

// version is that of the module, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return "development"
}

type completeCmd struct {
	kongcompletion.Completion
}
