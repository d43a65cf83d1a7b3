package care

import (
	"regexp"
	"slices"
	"strings"
)

// What is worth a second look before an answer leaves. All of it is found by
// rules over the text alone; who decides is a person.

var (
	// numeral is a row of digits as telephone, card and account numbers are written.
	numeral = regexp.MustCompile(`\+?\(?\d(?:[ ().\-/]{0,2}\d){8,}`)
	iban    = regexp.MustCompile(`\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b`)
	// harmless are numbers that are nobody's: dates, times, sums of money.
	harmless = regexp.MustCompile(`\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b\d{1,2}:\d{2}(?::\d{2})?\b|[€$£¥₹]\s?\d[\d.,]*|\b\d[\d.,]*\s?(?:[€$£¥₹]|EUR|USD|GBP|CHF)`)
)

// PersonalIn finds a personal detail in a text: an address for mail, a number of
// a telephone, card or account. from and to are bytes.
func PersonalIn(text string) (from, to int, ok bool) {
	for _, at := range email.FindAllStringIndex(text, -1) {
		if at[0] == 0 || text[at[0]-1] != '@' { // @ada@example.org is a handle
			return at[0], at[1], true
		}
	}
	blanked := text
	for _, re := range []*regexp.Regexp{address, harmless} {
		blanked = re.ReplaceAllStringFunc(blanked, func(s string) string { return strings.Repeat("x", len(s)) })
	}
	for _, re := range []*regexp.Regexp{iban, numeral} {
		if at := re.FindStringIndex(blanked); at != nil {
			return at[0], at[1], true
		}
	}
	return 0, 0, false
}

// asking are the ways in which people are asked for what is personal.
var asking = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b(?:your|the) (?:full |home |postal |billing |e-?mail |phone |telephone |mobile |account |order |customer |contract |booking |reference |card |bank ){0,3}(?:number|address|e-?mail|phone|telephone|mobile|password|pin|id|details|date of birth|name and address|postcode|zip code)\b|\bdate of birth\b|\b(?:account|order|customer|contract|booking) (?:number|no\.?|id)\b`),
	regexp.MustCompile(`(?i)\b(?:kunden|bestell|auftrags|vertrags|konto|rechnungs|telefon|handy|karten|buchungs)[- ]?(?:nummer|nr\.?)\b|\b(?:ihre|deine|eure)[rn]? (?:vollständige[nr]? )?(?:adresse|anschrift|e-?mail(?:[- ]adresse)?|mailadresse|geburtsdatum|bankverbindung|iban|passwort|kontaktdaten|daten)\b|\bgeburtsdatum\b`),
	regexp.MustCompile(`(?i)\b(?:su|tu|el) (?:número|nº|n\.º) de (?:cliente|pedido|cuenta|contrato|teléfono|reserva|tarjeta)|\bnúmero de (?:cliente|pedido|cuenta|contrato|teléfono|reserva)|\b(?:su|tu) (?:dirección|correo(?: electrónico)?|teléfono|contraseña|fecha de nacimiento|dni)\b`),
	regexp.MustCompile(`(?i)\b(?:votre|ton|le) (?:numéro|n°) de (?:client|commande|compte|contrat|téléphone|réservation|dossier|carte)|\bnuméro de (?:client|commande|compte|contrat|téléphone|réservation|dossier)|\b(?:votre|ton) (?:adresse|e-?mail|mail|téléphone|mot de passe|date de naissance|iban)\b|\bvos coordonnées\b`),
}

// private are words that send what is asked for to where only we read it.
var private = regexp.MustCompile(`(?i)\b(?:dm|pm|mp|direct(?: |-)?message|private(?: |-)?message|message us privately|direktnachricht|privatnachricht|privat|mensaje directo|mensaje privado|por privado)\b|\b(?:message|en) privé`)

// AsksForDetails finds where a text asks for what is personal and does not say
// that it is to come by a direct message.
func AsksForDetails(text string) (from, to int, ok bool) {
	for _, re := range asking {
		for _, at := range re.FindAllStringIndex(text, 8) {
			if !private.MatchString(sentence(text, at[0], at[1])) {
				return at[0], at[1], true
			}
		}
	}
	return 0, 0, false
}

// sentence is the one that a part of a text stands in.
func sentence(text string, from, to int) string {
	begin := strings.LastIndexAny(text[:from], ".!?\n") + 1
	if end := strings.IndexAny(text[to:], ".!?\n"); end >= 0 {
		return text[begin : to+end]
	}
	return text[begin:]
}

// Sameness is how much of the words of two texts is the same, 0 to 1: the share
// of common rows of three words (Jaccard). Texts of fewer words than eight are
// never the same: everybody says thank you.
func Sameness(a, b string) float64 {
	x, y := triples(a), triples(b)
	if len(x) < 6 || len(y) < 6 {
		return 0
	}
	common := 0
	for t := range x {
		if y[t] {
			common++
		}
	}
	return float64(common) / float64(len(x)+len(y)-common)
}

func triples(text string) map[string]bool {
	text = text[:min(len(text), maxRead)]
	words := strings.Fields(alike(text))
	out := map[string]bool{}
	for i := range max(0, len(words)-2) {
		out[strings.Join(words[i:i+3], " ")] = true
	}
	return out
}

// shortest is how many characters a word has that tells what something is
// about, and stem how many of them have to be the same.
const (
	shortest = 4
	stem     = 5
)

// Names says whether a text has a word of one of the phrases, in whatever form
// of it: “charged” names “charge”. Without a word that could be named it says yes.
func Names(text string, phrases []string) bool {
	var wanted [][]rune
	for _, p := range phrases {
		wanted = append(wanted, telling(p)...)
	}
	said := telling(text[:min(len(text), maxRead)])
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(w []rune) bool {
		return slices.ContainsFunc(said, func(o []rune) bool {
			n := min(len(w), len(o), stem)
			return slices.Equal(w[:n], o[:n])
		})
	})
}

func telling(text string) (words [][]rune) {
	for w := range strings.FieldsSeq(alike(text)) {
		if r := []rune(w); len(r) >= shortest {
			words = append(words, r)
		}
	}
	return words
}
