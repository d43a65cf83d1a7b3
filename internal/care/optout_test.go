package care_test

import (
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/care"
)

func TestAsksForSilence(t *testing.T) {
	for text, want := range map[string]string{
		"Please do not contact me again.":                              "Please do not contact me",
		"Stop messaging me!!":                                          "Stop messaging me",
		"I said it before: don’t write to me":                          "don’t write to me",
		"just leave me alone already":                                  "leave me alone",
		"I don't want to hear from you people":                         "don't want to hear from",
		"Kontaktieren Sie mich bitte nicht mehr!":                      "Kontaktieren Sie mich bitte nicht mehr",
		"Lasst mich endlich in Ruhe":                                   "Lasst mich endlich in Ruhe",
		"Merci de ne plus insister. Ne me contactez plus.":             "Ne me contactez plus",
		"¡No me escriban más!":                                         "No me escriban",
		"Parem de me ligar":                                            "Parem de me ligar",
		"Lasciatemi in pace":                                           "Lasciatemi in pace",
		"Neem geen contact meer met mij op":                            "Neem geen contact meer met mij op",
		"Beni aramayın artık":                                          "Beni aramayın",
		"Не пишите мне больше":                                         "Не пишите мне больше",
		"لا تتواصلوا معي مرة أخرى":                                     "لا تتواصلوا معي",
		"मुझसे संपर्क न करें":                                          "मुझसे संपर्क न करें",
		"请不要再联系我":                                                      "请不要再联系我",
		"もう連絡しないでください":                                                 "連絡しないでください",
		"Jangan hubungi saya lagi":                                     "Jangan hubungi saya",
		"Đừng liên hệ với tôi nữa":                                     "Đừng liên hệ với tôi",
		"อย่าติดต่อฉันอีก":                                             "อย่าติดต่อฉัน",
		"Why do you never reply to me? Fine. Don't contact me anymore": "Don't contact me",

		"You don't contact me, you don't call me, nothing.": "",
		"Why don't you contact me?":                         "",
		"Please contact me about my order":                  "",
		"they never call me back":                           "",
		"Warum kontaktiert mich niemand?":                   "",
		"Ihr kontaktiert mich nicht, obwohl versprochen":    "",
		"Nobody wrote to me. Call me!":                      "",
		"Pourquoi vous ne m'appelez pas ?":                  "",
		"I can't contact you, leave a number":               "",
		"":                                                  "",
	} {
		from, to, ok := care.AsksForSilence(text)
		if got := text[from:to]; got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", text, got, ok, want)
		}
	}
	care.AsksForSilence(strings.Repeat("\xff stop ", 5000))
}
