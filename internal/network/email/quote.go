package email

import (
	"regexp"
	"slices"
	"strings"
)

// written is what the author of a mail wrote in it: without the history that it
// quotes and without the signature. Where nothing would be left, all of it: a
// mail is rather told with too much than with nothing.
func written(plain, page string) string {
	if strings.TrimSpace(plain) != "" {
		return own(plain)
	}
	text, cut := plainText(page)
	if strings.TrimSpace(text) == "" && cut { // all of it was marked as history
		return strings.TrimSpace(wholeText(page))
	}
	return own(text)
}

// wholeText is a page's text, history included.
func wholeText(page string) string {
	text, _ := plainText(marks.ReplaceAllString(page, ""))
	return text
}

// marks are what tells history apart in HTML.
var marks = regexp.MustCompile(`(?i)\b(class|id|type)\s*=\s*("[^"]*"|'[^']*')`)

// own takes quotes, history and signature out of a plain text.
func own(text string) string {
	lines := strings.Split(text, "\n")
	if i := historyAt(lines); i >= 0 {
		lines = lines[:i]
	}
	var kept []string
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch {
		case strings.HasPrefix(line, ">"):
			kept = withoutIntroduction(kept)
			for i+1 < len(lines) && strings.HasPrefix(lines[i+1], ">") {
				i++
			}
			if len(kept) > 0 && strings.TrimSpace(kept[len(kept)-1]) != "" {
				kept = append(kept, "")
			}
			continue
		case line == "-- " || line == "--":
			i = len(lines)
			continue
		}
		kept = append(kept, line)
	}
	kept = withoutDevice(kept)
	if s := strings.TrimSpace(strings.Join(kept, "\n")); s != "" {
		return s
	}
	return strings.TrimSpace(text)
}

// historyAt is the line where unmarked history begins, or -1. A line that says
// who wrote when counts only with nothing of the author's own to follow, which
// nobody can know: such mails are answered above what they quote.
func historyAt(lines []string) int {
	for i, line := range lines {
		switch trimmed := strings.TrimSpace(line); {
		case trimmed == "":
		case strings.ContainsRune("-_*", rune(trimmed[0])) && originalMessage.MatchString(trimmed):
			return i
		case headerBlock(lines, i):
			if i > 0 && rule.MatchString(strings.TrimSpace(lines[i-1])) {
				return i - 1
			}
			return i
		case introduces(lines, i) && !quotedAfter(lines, i):
			return i
		}
	}
	return -1
}

// rule is the line that Outlook draws above history.
var rule = regexp.MustCompile(`^_{10,}$|^-{10,}$`)

// originalMessage is the line between an answer and what it answers.
var originalMessage = regexp.MustCompile(`(?i)^[-_*> ]{2,}\s*(original message|forwarded message|original appointment|ursprüngliche nachricht|weitergeleitete nachricht|message d'origine|message d’origine|message original|message transféré|mensaje original|mensaje reenviado|messaggio originale|messaggio inoltrato|mensagem original|mensagem encaminhada|oorspronkelijk bericht|doorgestuurd bericht|originalmeddelande|ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|oryginalna wiadomość|wiadomość oryginalna|původní zpráva|eredeti üzenet|orijinal mesaj|исходное сообщение|пересылаемое сообщение|原始邮件|原始郵件|元のメッセージ|원본 메시지|الرسالة الأصلية|mulai pesan yang diteruskan)\s*[-_*> ]{2,}$`)

// headerBlock says that a line begins a block of headers, as Outlook writes
// them above history: a sender, and within five lines a date and a receiver or
// subject.
func headerBlock(lines []string, at int) bool {
	first := strings.TrimSpace(lines[at])
	if !strings.ContainsAny(clip(first, 40), ":：") || !headerFrom.MatchString(first) {
		return false
	}
	date, rest := false, false
	for _, line := range lines[at+1 : min(at+6, len(lines))] {
		line = strings.TrimSpace(line)
		date = date || headerDate.MatchString(line)
		rest = rest || headerRest.MatchString(line)
	}
	return date && rest
}

var (
	headerFrom = regexp.MustCompile(`(?i)^\*?(from|von|de|da|van|från|fra|lähettäjä|od|feladó|kimden|gönderen|от|发件人|寄件者|差出人|보낸 사람|من)\s*\*?\s*[:：]`)
	headerDate = regexp.MustCompile(`(?i)^\*?(sent|date|gesendet|datum|envoyé|enviado|fecha|inviato|data|verzonden|skickat|sendt|dato|lähetetty|wysłano|odesláno|elküldve|gönderildi|tarih|отправлено|дата|发送时间|寄件日期|送信日時|日付|보낸 날짜|تاريخ الإرسال)\s*\*?\s*[:：]`)
	headerRest = regexp.MustCompile(`(?i)^\*?(to|subject|an|betreff|à|objet|para|asunto|assunto|a|oggetto|aan|onderwerp|till|ämne|til|emne|vastaanottaja|aihe|do|temat|komu|předmět|címzett|tárgy|kime|konu|кому|тема|收件人|主题|收件者|主旨|宛先|件名|받는 사람|제목|إلى|الموضوع)\s*\*?\s*[:：]`)
)

// wroteWords are what the line above a quote says in many languages: of
// somebody else, in the past.
var wroteWords = []string{
	" wrote", " schrieb", " a écrit", " escribió", " ha scritto", " escreveu", " schreef", " skrev", " kirjoitti", " napisał",
	" napsal", " ezt írta", " yazdı", " пишет", " написал", "写道", "寫道", "のメール", "が書きました", "님이 작성", "كتب",
}

// selves quote themselves, in a text of their own.
var selves = []string{" i wrote", " we wrote", " you wrote", " schrieb ich"}

// closes are how such a line ends. Most languages have a colon.
var closes = []string{":", "：", "のメール", "が書きました", "写道", "寫道", "님이 작성", "كتب"}

// introduction says that a line tells who wrote when.
func introduction(line string) bool {
	ends := func(end string) bool { return strings.HasSuffix(line, end) }
	if len(line) < 12 || len(line) > 500 || !slices.ContainsFunc(closes, ends) {
		return false
	}
	lower := strings.ToLower(line)
	has := func(words string) bool { return strings.Contains(lower, words) }
	return slices.ContainsFunc(wroteWords, has) && !slices.ContainsFunc(selves, has) && dated.MatchString(line)
}

// dated is what an introduction has besides: a time, a date or an address.
var dated = regexp.MustCompile(`\d{1,2}[:.h]\d{2}|\d{4}|<[^>]+@[^>]+>|\S+@\S+`)

// introduces says that the line, alone or with the one or two after it, which a
// mail program broke, says who wrote when.
func introduces(lines []string, at int) bool {
	joined := ""
	for i := at; i < min(at+3, len(lines)); i++ {
		line := strings.TrimSpace(lines[i])
		if line == "" {
			return false
		}
		joined = strings.TrimSpace(joined + " " + line)
		if len(joined) > 500 {
			return false
		}
		if introduction(joined) {
			return true
		}
	}
	return false
}

// quotedAfter says that marked lines follow an introduction: then only they are
// the history, and the author may go on below.
func quotedAfter(lines []string, at int) bool {
	for _, line := range lines[at:min(at+6, len(lines))] {
		if strings.HasPrefix(line, ">") {
			return true
		}
	}
	return false
}

// withoutIntroduction takes away the line or lines that introduce the quote
// which follows.
func withoutIntroduction(kept []string) []string {
	end := len(kept)
	for end > 0 && strings.TrimSpace(kept[end-1]) == "" {
		end--
	}
	for n := min(3, end); n > 0; n-- {
		// Only one that begins like one may take more than its last line with it.
		if introduces(kept[:end], end-n) && (n == 1 || opening.MatchString(strings.TrimSpace(kept[end-n]))) {
			return kept[:end-n]
		}
	}
	return kept
}

// opening is how an introduction begins in the languages that begin with the day.
var opening = regexp.MustCompile(`(?i)^(on|am|le|el|il|em|op|den|på|dnia|dne|w dniu)\b.*\d`)

// device is the line that telephones and programs put below every mail.
var device = regexp.MustCompile(`(?i)^(sent from (my |mail for |yahoo|outlook|proton)|get outlook for |gesendet von |von meinem .{1,40} gesendet|diese nachricht wurde von meinem|envoyé (de|depuis) |enviado (desde|do|de) |inviato da |verzonden (met|vanaf|via) |skickat från |sendt fra |lähetetty |wysłane z |odesláno z |отправлено (с|из) |iphone'?(umdan|dan)|发自我的|從我的|iphoneから送信|나의 iphone)`)

// withoutDevice takes such a line off the end.
func withoutDevice(lines []string) []string {
	for len(lines) > 0 {
		last := strings.TrimSpace(lines[len(lines)-1])
		if last != "" && (len(last) > 90 || !device.MatchString(last)) {
			break
		}
		lines = lines[:len(lines)-1]
	}
	return lines
}
