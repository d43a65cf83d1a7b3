package auth

import "testing"

// What each role may do. A new action fails here until somebody decides.
func TestRoles(t *testing.T) {
	table := map[Action]string{ //  viewer agent lead admin
		Read:     "yyyy",
		Self:     "yyyy",
		Password: "yyyy",
		Work:     "-yyy",
		Assign:   "--yy",
		Review:   "--yy",
		Report:   "--yy",
		SetUp:    "--yy",
		Team:     "---y",
		Erasure:  "---y",
		Release:  "---y",
		Keys:     "---y",
		Teach:    "---y",
	}
	for _, a := range Actions() {
		want, ok := table[a]
		if !ok {
			t.Errorf("nobody decided who may %s", a)
			continue
		}
		for i, r := range Roles() {
			if got := May(r, a); got != (want[i] == 'y') {
				t.Errorf("may a %s %s: %v", r, a, got)
			}
		}
		for _, r := range []Role{"", "root", "Admin"} {
			if May(r, a) {
				t.Errorf("%q may %s", r, a)
			}
		}
	}
	if May(Admin, "something new") {
		t.Error("an admin may do what nobody decided")
	}
	if len(table) != len(Actions()) {
		t.Errorf("%d actions, %d decisions", len(Actions()), len(table))
	}
}
