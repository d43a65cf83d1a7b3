package care_test

import (
	"testing"

	"github.com/amends-care/amends/internal/care"
)

func TestPersonalDetails(t *testing.T) {
	for text, want := range map[string]string{
		"Write to ada.lind@example.org please":        "ada.lind@example.org",
		"Call me: +49 (0)30 1234 567-8":               "+49 (0)30 1234 567-8",
		"4111 1111 1111 1111":                         "4111 1111 1111 1111",
		"IBAN DE89 3704 0044 0532 0130 00, is it?":    "DE89 3704 0044 0532 0130 00",
		"order 123456789":                             "123456789",
		"Thank you @ada@example.org":                  "",
		"On 2026-11-22 at 14:30, or 22.11.2026 15:00": "",
		"You get 1,000,000,000 EUR back":              "",
		"See https://example.org/track/123456789012":  "",
		"Your case 12345 is open":                     "",
		"":                                            "",
	} {
		from, to, ok := care.PersonalIn(text)
		if got := text[from:to]; got != want || ok != (want != "") {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestAskingForDetails(t *testing.T) {
	for text, want := range map[string]bool{
		"Please tell us your order number.":                          true,
		"What is your e-mail address?":                               true,
		"Could you send me your order number in a direct message?":   false,
		"Schicken Sie uns Ihre Kundennummer?":                        true,
		"Schicken Sie mir die Bestellnummer als Direktnachricht.":    false,
		"Indíquenos su número de pedido, por favor.":                 true,
		"Envíeme su número de pedido por mensaje directo.":           false,
		"Pouvez-vous nous donner votre numéro de client ?":           true,
		"Votre numéro de commande en message privé, s'il vous plaît": false,
		"I am sorry about the late delivery.":                        false,
		"Send a DM. What is your account number?":                    true, // the DM is another sentence
	} {
		if _, _, ok := care.AsksForDetails(text); ok != want {
			t.Errorf("%q: %v", text, ok)
		}
	}
}

func TestSameness(t *testing.T) {
	const reply = "Hi Ana, I am sorry about this. I am looking into it now and will write to you within a day."
	for _, c := range []struct {
		other string
		same  bool
	}{
		{reply, true},
		{"Hi Bo, I am sorry about this. I am looking into it now and will write to you within a day!", true},
		{"Your refund of the second charge left our bank this morning, it takes two days to arrive.", false},
		{"Thank you!", false},
	} {
		if got := care.Sameness(reply, c.other) > 0.6; got != c.same {
			t.Errorf("%q: %.2f", c.other, care.Sameness(reply, c.other))
		}
	}
}

func TestNaming(t *testing.T) {
	problem := []string{"charged twice", "my refund"}
	for text, want := range map[string]bool{
		"The second charge was our fault.":    true,
		"We will refund it today.":            true,
		"We are sorry for any inconvenience.": false,
		"Die Rückerstattung kommt.":           false,
	} {
		if got := care.Names(text, problem); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if !care.Names("Hello", []string{"a b"}) {
		t.Error("nothing could be named")
	}
}

func FuzzAdvice(f *testing.F) {
	f.Add("Write to ada@example.org, 0301234567890", "your order number")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, find := range []func(string) (int, int, bool){care.PersonalIn, care.AsksForDetails} {
			if from, to, _ := find(a); from < 0 || to < from || to > len(a) {
				t.Errorf("%q: %d to %d", a, from, to)
			}
		}
		if s := care.Sameness(a, b); s < 0 || s > 1 {
			t.Errorf("sameness %v", s)
		}
		care.Names(a, []string{b})
	})
}
