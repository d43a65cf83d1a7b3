package web

import "testing"

// english tells things in English, as a server does whom nobody asks otherwise.
func english(t testing.TB) teller { return tellerIn(t, "en") }

func tellerIn(t testing.TB, lang string) teller {
	t.Helper()
	all, err := tongues()
	if err != nil {
		t.Fatal(err)
	}
	return teller{all[lang]}
}
