package language

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func open(t testing.TB) *Model {
	t.Helper()
	m, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestScriptsAreToldByTheirLetters(t *testing.T) {
	m := open(t)
	for text, want := range map[string]string{
		"Третий день нет интернета, это ужас":         "ru",
		"Дякую, але інтернету досі немає":             "uk",
		"等了三个星期还没有收到":                                 "zh",
		"まだ届きません":                                     "ja",
		"아직 안 왔어요":                                    "ko",
		"รอมาสามอาทิตย์":                              "th",
		"मेरा ऑर्डर नहीं आया":                         "hi",
		"طلبي لم يصل":                                 "ar",
		"چرا پاسخ نمی\u200cدهید، گرانه":               "fa",
		"میرا آرڈر ابھی تک نہیں آیا، بہت بری سروس ہے": "ur",
		"η παραγγελία μου δεν ήρθε":                   "el",
		"ההזמנה שלי לא הגיעה":                         "he",
		"":                                            "und",
		"!!! 123":                                     "und",
		"\xff\xfe":                                    "und",
	} {
		if got := m.Identify(text); got.Tag != want {
			t.Errorf("%q is %s (%.2f), want %s", text, got.Tag, got.Confidence, want)
		}
	}
}

func TestConfidenceIsAProbability(t *testing.T) {
	m := open(t)
	for _, text := range []string{"", "ok", "the cat sat on the mat", "a да 好 ก", strings.Repeat("ja nein vielleicht ", 9000)} {
		if l := m.Identify(text); l.Confidence < 0 || l.Confidence > 1 || l.Tag == "" || l.Tag == Unknown && l.Confidence != 0 {
			t.Errorf("%.20q: %+v", text, l)
		}
	}
}

func TestBase(t *testing.T) {
	for tag, want := range map[string]string{"en-GB": "en", "DE": "de", "hi-Latn": "hi-Latn", "zh-Hant-TW": "zh", "und": "", "": "", "x": "", "a1": "", "english": ""} {
		if got := Base(tag); got != want {
			t.Errorf("Base(%q) = %q, want %q", tag, got, want)
		}
	}
}

func TestRoundTripAndDamage(t *testing.T) {
	m := open(t)
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	again, err := Read(bytes.NewReader(b.Bytes()))
	if err != nil || again.ID() != m.ID() {
		t.Fatalf("wrote %s, read %v, %v", m.ID(), again, err)
	}
	for _, i := range []int{0, len(magic), b.Len() / 2} {
		bad := bytes.Clone(b.Bytes())
		bad[i] ^= 0x20
		if _, err := Read(bytes.NewReader(bad)); !errors.Is(err, ErrCorrupt) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	if _, err := Read(bytes.NewReader(b.Bytes()[:40])); !errors.Is(err, ErrCorrupt) {
		t.Errorf("cut short: %v", err)
	}
}

func TestIdentifyAllocatesNothing(t *testing.T) {
	m := open(t)
	const text = "Ich warte seit drei Wochen auf mein Paket"
	m.Identify(text)
	if n := testing.AllocsPerRun(100, func() { m.Identify(text) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
