package watch

import (
	"regexp"
	"sync"
	"time"
)

// A tongue is what is known of a language. All patterns are for folded text:
// lower case, no accents.
type tongue struct {
	code    string
	commit  *regexp.Regexp // who will do something: we, or somebody for us
	not     *regexp.Regexp // right behind it: nothing will be done
	against *regexp.Regexp // a sentence that promises nothing, whatever else it says
	theirs  *regexp.Regexp // what the customer is asked to do
	kinds   []kind
	patterns
}

// tongues are made once: they are patterns, and never change.
var tongues = sync.OnceValue(func() []*tongue { return []*tongue{inEnglish(), inGerman(), inSpanish(), inFrench()} })

func re(s string) *regexp.Regexp { return regexp.MustCompile(s) }

func ahead(days int) func(time.Time) time.Time {
	return func(now time.Time) time.Time { return now.AddDate(0, 0, days) }
}

// friday ends a week that begins some weeks ahead.
func friday(weeks int) func(time.Time) time.Time {
	return func(now time.Time) time.Time {
		return now.AddDate(0, 0, 4-(int(now.Weekday())+6)%7+7*weeks)
	}
}

func monthEnd(now time.Time) time.Time {
	return time.Date(now.Year(), now.Month()+1, 0, 0, 0, 0, 0, now.Location())
}

func inEnglish() *tongue {
	const (
		n    = `(?P<n>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|a couple of)`
		to   = `(?: ?(?:-|to|or) ?(?P<n2>\d{1,3}|two|three|four|five|six|seven|ten))?`
		mon  = `(?P<m>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b`
		verb = `(?:'ll| will| shall|(?: am| are| is|'m|'re|'s)(?: now)? going to)`
		some = `(?:some(?:one|body)|(?:an?|our|my|one of our|the) (?:\w+ ){0,2}?(?:colleagues?|teams?|engineers?|technicians?|agents?|specialists?|managers?|drivers?|couriers?|supervisors?|advisors?|members?|experts?|staff|department|plumber|mechanic))(?: (?:of|from|in|on|at) (?:our|the|my) \w+(?: \w+)?)?`
	)
	return &tongue{
		code: "en",
		commit: re(`\b(?:i|we|they|he|she|` + some + `)` + verb + `\b` +
			`|\b(?:i'm|we're|i am|we are) (?:calling|sending|shipping|refunding|crediting|writing|getting back|emailing|replacing|repairing|fixing)\b` +
			`|\b` + some + ` (?:calls?|phones?|rings?|contacts?|visits?|comes?|writes?|gets? (?:back|in touch)|is (?:calling|coming|visiting))\b` +
			`|\byou(?:'ll| will| should)(?: \w+){0,2}? (?:get|receive|hear|have|see|be (?:contacted|called|refunded|reimbursed|credited|emailed|notified|informed|updated))\b` +
			`|\b(?:your|the|this|that|it|everything|all|a|an)(?: [\w-]+){0,4}?(?:'ll| will|'s going to| is going to) (?:be |have been )?(?:\w+ly )?(?:refunded|credited|delivered|sent|shipped|dispatched|replaced|repaired|fixed|restored|resolved|solved|arrive|reach|back|with you|processed|sorted|paid|call|contact|visit|come|get (?:back|in touch))\b` +
			`|\b(?:your|the|it)(?: [\w-]+){0,3} should (?:be (?:refunded|credited|delivered|fixed|restored|resolved|back|with you|paid)|arrive|reach)\b` +
			`|\bi promise\b|\bexpect (?:an?|our|my|your) (?:\w+ )?(?:call|email|reply|answer|message|response|refund|update|delivery)\b`),
		not:     re(`\b(?:not|never|unable|no longer|be closed|hate|love)\b`),
		against: re(`^\W*(?:if|unless|please|could you|would you|can you)\b|\b(?:can't|cannot|can not|won't|wasn't|unfortunately no|hope to see|be closed|you were told|you promised)\b`),
		theirs:  re(`\b(?:call|contact|email|message|dm|write|ring|phone|reply|send|let|update|inform|get in touch|follow|tell)(?: (?:to|with|back|it))? (?:us|me)\b|\bhow (?:we|i) can\b|\byour (?:call|email|message|dm|tweet|reply)\b`),
		kinds: []kind{
			{call, re(`\b(?:call(?:ing|s|ed)?|phon(?:e|es|ing)|ring(?:s|ing)?|telephone|callback)\b`)},
			{write, re(`\b(?:let you (?:both )?know|get(?:s|ting)? back|got back|writ(?:e|es|ing)|e-?mail(?:s|ed|ing)?|reply|replies|respon[ds]e?|updat(?:e|es|ed|ing)|messag(?:e|ed)|dm|contact(?:s|ed|ing)?|reach out|inform(?:ed)?|tell you|in touch|follow(?:ing)? up|hear (?:back )?from|notif(?:y|ied)|confirm|keep you posted|answer)\b`)},
			{refund, re(`\b(?:refund\w*|reimburs\w*|credit(?:ed|ing|s)?|money|pa(?:y|id) (?:you )?back|repa(?:y|id)|compensat\w+)\b`)},
			{repair, re(`\b(?:fix(?:ed|ing)?|repair\w*|replac\w*|restor\w*|resol(?:ve|ved|ving)|solved?|sort(?:ed)?(?: out)?|technician|engineer|plumber|mechanic|be back|back (?:up|online|on)|up and running|working again)\b`)},
			{other, re(`\b(?:deliver\w*|ship\w*|sen[dt](?:ing)?|dispatch\w*|com(?:e|es|ing)|visit\w*|arriv\w*|reach|check|look(?:ing)? into|review|process\w*|parcel|package|order|have|with you|investigat\w+|collect\w*|pick (?:it )?up)\b`)},
		},
		patterns: patterns{
			past:   re(`\b(?:since|last|ago|on or after|yesterday|was|were|from|between)\W*$`),
			asks:   re(`\b(?:(?:\w+ ?(?:-|to|or) ?)?\w+ (?:working|business|work)[ -]?(?:days?|hours?)|(?:close|end) of (?:business|play)|\bcob\b|\beob\b|a few (?:minutes|hours|days|weeks)|(?:by|on|over) the weekend|this weekend|in the coming days)\b`),
			within: re(`\b(?:in|within|inside|under|up to|takes?|no later than|not later than|over|for)(?: about| around| less than)?(?: the)?(?: next| coming)? ` + n + to + `[ -]?(?P<unit>minutes?|mins?|hours?|hrs?|h\b|days?|weeks?|months?)\b`),
			date: []*regexp.Regexp{
				re(`\b(?P<d>\d{1,2})(?:st|nd|rd|th)?(?: of)? ` + mon + `(?:,? (?P<y>\d{4}))?`),
				re(`\b` + mon + `\.? (?:the )?(?P<d>\d{1,2})(?:st|nd|rd|th)?\b(?:,? (?P<y>\d{4}))?`),
			},
			digits: re(`\b(?:by|on|until|before) (?:the )?(?P<d>\d{1,2})[/.](?P<m>\d{1,2})(?:[/.](?P<y>\d{2,4}))?\b`), monthly: true,
			clock: []*regexp.Regexp{
				re(`\b(?P<h>\d{1,2})(?:[:.](?P<min>\d\d))? ?(?P<ap>a\.?m\b|p\.?m\b)`),
				re(`\b(?:at|by|before|until|around|than|and) (?P<h>\d{1,2}):(?P<min>\d\d)\b`),
			},
			part: re(`\b(?P<part>morning|noon|lunchtime|midday|afternoon|evening|night)\b`),
			days: []relative{
				{re(`\bday after tomorrow\b`), ahead(2), 0}, {re(`\b(?:tomorrow|tmrw|tomorow)\b`), ahead(1), 0}, {re(`\btonight\b`), ahead(0), eveningEnds},
				{re(`\b(?:today|this (?:morning|afternoon|evening)|(?:later|end of)(?: in)?(?: the| this)? (?:day|morning|afternoon|evening))\b`), ahead(0), 0},
				{re(`\bend of (?:the |this )?week\b|\bthis week\b`), friday(0), 0}, {re(`\bend of next week\b|\b(?:early |later )?next week\b`), friday(1), 0},
				{re(`\bend of (?:the |this )?month\b|\bthis month\b`), monthEnd, 0},
			},
			week:    re(`\b(?:by|on|until|till?|before|this|coming|latest|or|and|than|from)? ?(?P<next>next )?(?P<day>monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues?|wed|thurs?|fri|sat|sun)\b`),
			numbers: map[string]int{"a": 1, "an": 1, "one": 1, "two": 2, "a couple of": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fourteen": 14},
			units:   map[string]time.Duration{"min": time.Minute, "h": time.Hour, "d": day, "w": week, "mo": month},
			weekday: map[string]time.Weekday{"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 0},
			month:   map[string]time.Month{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12},
			parts:   map[string]int{"morning": noon, "noon": noon, "lunchtime": 13, "midday": noon, "afternoon": dayEnds, "evening": eveningEnds, "night": 23},
			after:   map[string]bool{"am": false, "a.m": false, "pm": true, "p.m": true},
		},
	}
}

func inGerman() *tongue {
	const (
		n     = `(?P<n>\d{1,3}|ein(?:e[rnms]?)?|zwei|drei|vier|funf|sechs|sieben|acht|neun|zehn|zwolf|vierzehn)`
		to    = `(?: ?(?:-|bis|oder) ?(?P<n2>\d{1,3}|zwei|drei|vier|funf|sechs|sieben|zehn))?`
		mon   = `(?P<m>januar|februar|marz|april|mai|juni|juli|august|september|oktober|november|dezember)\b`
		acts  = `(?:werden?|wird|meld(?:e|en|et)|ruf(?:e|en|t)|schreib(?:e|en|t)|schick(?:e|en|t)|send(?:e|en|et)|erstatt(?:e|en|et)|uberweis(?:e|en|t)|antwort(?:e|en|et)|informier(?:e|en|t)|kummer(?:e|n|t)|reparier(?:e|en|t)|ersetz(?:e|en|t)|liefer(?:e|n|t)|komm(?:e|en|t)|pruf(?:e|en|t)|klar(?:e|en|t)|geb(?:e|en)|gibt|sag(?:e|en|t)|kontaktier(?:e|en|t)|los(?:e|en|t)|beheb(?:e|en|t)|tausch(?:e|en|t)|verspr(?:eche|echen|icht)|setz(?:e|en|t)|schreib(?:e|en|t)|teil(?:e|en|t)|geh(?:e|en|t)|zahl(?:e|en|t)|besuch(?:e|en|t))`
		gets  = `(?:erhalten|erhaltst|bekommen|bekommst|kriegst|horen|horst|haben|hast|werden|wirst)`
		some  = `(?:jemand|(?:ein|eine|unser|unsere|mein|meine|der|die)(?: \w+){0,2}? ?(?:kolleg(?:e|in|en)|\w*team|techniker(?:in)?|monteur(?:in)?|mitarbeiter(?:in)?|\w*service|\w*abteilung|fahrer(?:in)?|handwerker(?:in)?|bote))(?: (?:von uns|aus (?:unserem|dem|der) \w+))?`
		thing = `(?:ihre?|deine?|euer|eure|das|die|der|es)(?: \w+){0,3}? ?(?:geld|betrag|paket|lieferung|bestellung|ersatz\w*|gutschrift|erstattung|ruckzahlung|\w*gerat|ware|anschluss|internet|storung|problem|\w*dienst|sendung|reparatur|antwort|es)`
	)
	return &tongue{
		code: "de",
		commit: re(`\b(?:ich|wir|man|` + some + `)(?: (?:uns|mich|ihnen|dir))? ` + acts + `\b|\b` + acts + `(?: (?:ihnen|dir|euch|sich|das))? (?:ich|wir|uns|mich|` + some + `)\b` +
			`|\b(?:sie|du|ihr) ` + gets + `\b|\b` + gets + ` (?:sie|du|ihr)\b` +
			`|\b` + thing + ` (?:wird|werden|kommt|kommen|ist|sind|geht|trifft|erhalten sie|erhaltst du|bekommst du|bekommen sie)\b`),
		not:     re(`\b(?:nicht|kein\w*|nie|niemals|leider nicht)\b`),
		against: re(`^\W*(?:wenn|falls|sofern|bitte)\b|\b(?:nicht|keine?n?|nie|konnen sie|konnten sie|kannst du)\b|\b(?:gestern|vorgestern|geschlossen)\b`),
		theirs:  re(`\b(?:rufen|melden|schreiben|schicken|senden|kontaktieren) sie (?:uns|mich|sich)\b|\b(?:ruf|meld|schreib|schick|sende) (?:uns|mich|dich)\b`),
		kinds: []kind{
			{call, re(`\b(?:ruf(?:e|en|t)|an(?:zu)?rufen|anruf\w*|angerufen|zuruckruf\w*|telefon\w*|ruckruf)\b`)},
			{write, re(`\b(?:meld\w*|schreib\w*|antwort\w*|bescheid|informier\w*|kontakt\w*|e-?mails?|nachricht|hor(?:en|st)|in verbindung|ruckmeldung|teil(?:e|en) \w+|auf dem laufenden|sag(?:e|en) (?:ihnen|dir))\b`)},
			{refund, re(`\b(?:\w*erstatt\w*|gutschrift|gutgeschrieben|\w*uberweis\w*|\w*uberwiesen|geld|betrag|ruckzahlung|zuruckzahl\w*)\b`)},
			{repair, re(`\b(?:reparier\w*|reparatur|beh(?:oben|eb\w*)|techniker\w*|monteur\w*|handwerker\w*|ersetz\w*|ersatz\w*|\w*tausch\w*|wieder (?:da|verfugbar|online)|funktionier\w*|gelost|losen|losung|storung)\b`)},
			{other, re(`\b(?:\w*liefer\w*|\w*schick\w*|\w*send\w*|versand\w*|zugestellt|paket|komm\w*|\w*pruf\w*|klar\w*|kummer\w*|bearbeit\w*|besuch\w*|trifft|ware|bestellung)\b`)},
		},
		patterns: patterns{
			past:   re(`\b(?:seit|letzte[nrms]?|vergangene[nrms]?|vom|guten|vor|schonen|zwischen)\W*$`),
			asks:   re(`\b(?:(?:\w+ ?(?:-|bis|oder) ?)?\w+ (?:werktag\w*|arbeitstag\w*)|(?:die|den) nachsten tage[n]?|einige[nr]? (?:tage[n]?|stunden)|ein paar (?:tage[n]?|stunden)|am wochenende|zum wochenende|nachste[nr]? werktag)\b`),
			within: re(`\b(?:in|innerhalb(?: von)?|binnen|spatestens in|unter)(?: den| der)?(?: nachsten| kommenden)? ` + n + to + `[ -]?(?P<unit>minuten?|stunden?|tag(?:e[ns]?)?|wochen?|monat(?:e[ns]?)?)\b`),
			date:   []*regexp.Regexp{re(`\b(?P<d>\d{1,2})\. ` + mon + `(?: (?P<y>\d{4}))?`)},
			digits: re(`\b(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4}|\d{2}\b)?`),
			clock:  []*regexp.Regexp{re(`\b(?P<h>\d{1,2})(?:[:.](?P<min>\d\d))? uhr\b`), re(`\b(?:um|bis|gegen|vor) (?P<h>\d{1,2}):(?P<min>\d\d)\b`)},
			part:   re(`\b(?:heute|morgen|\w+tag|am|fruhen?|spaten?) ?(?P<part>fruh|vormittag|mittag|nachmittag|abend|nacht)s?\b|\bam (?P<morgen>morgen)\b`),
			days: []relative{
				{re(`\bubermorgen\b`), ahead(2), 0}, {re(`\bmorgen\b`), ahead(1), 0}, {re(`\bheute\b|\bim laufe des tages\b`), ahead(0), 0},
				{re(`\b(?:ende|laufe) (?:dieser|der) woche\b|\b(?:noch )?diese woche\b`), friday(0), 0},
				{re(`\b(?:anfang |ende |mitte )?nachste[nr]? woche\b|\bkommende[nr]? woche\b`), friday(1), 0}, {re(`\bende (?:des|dieses) monats\b|\bmonatsende\b`), monthEnd, 0},
			},
			week:    re(`\b(?P<next>nachste[nrms]? )?(?P<day>montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)(?:morgen|vormittag|mittag|nachmittag|abend|s)?\b`),
			numbers: map[string]int{"ein": 1, "eine": 1, "einer": 1, "einem": 1, "einen": 1, "eines": 1, "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "zwolf": 12, "vierzehn": 14},
			units:   map[string]time.Duration{"mi": time.Minute, "st": time.Hour, "ta": day, "wo": week, "mo": month},
			weekday: map[string]time.Weekday{"mon": 1, "die": 2, "mit": 3, "don": 4, "fre": 5, "sam": 6, "son": 0},
			month:   map[string]time.Month{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "mai": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "okt": 10, "nov": 11, "dez": 12},
			parts:   map[string]int{"fruh": noon, "vormittag": noon, "mittag": 14, "nachmittag": dayEnds, "abend": eveningEnds, "nacht": 23},
		},
	}
}

func inSpanish() *tongue {
	const (
		n     = `(?P<n>\d{1,3}|una?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|quince)`
		to    = `(?: ?(?:-|a|o) ?(?P<n2>\d{1,3}|dos|tres|cuatro|cinco|seis|siete|diez))?`
		mon   = `(?P<m>enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b`
		stems = `(?:llamar|escribir|contactar|avisar|informar|responder|contestar|enviar|mandar|devolver|reembolsar|abonar|ingresar|reparar|arreglar|solucionar|resolver|cambiar|reemplazar|sustituir|entregar|revisar|comprobar|mirar|visitar|pasar|ir|tendr|har|pondr|dir|vendr|dar|estar|llegar|recibir|ser|quedar|comunicar|confirmar|actualizar|telefonear)`
		pres  = `(?:llam(?:o|a|amos|an)|escrib(?:o|e|imos|en)|avis(?:o|a|amos|an)|dig[o]|decimos|envi(?:o|a|amos|an)|mand(?:o|a|amos|an)|inform(?:o|a|amos|an)|contact(?:o|a|amos|an)|devuelv(?:o|e|en)|devolvemos|respond(?:o|e|emos|en)|contest(?:o|a|amos|an)|confirm(?:o|amos))`
		pro   = `(?:te|le|les|os|se lo|se la|lo|la)`
	)
	return &tongue{
		code: "es",
		commit: re(`\b(?:(?:un|una|el|la|nuestr[oa]) \w+ )?(?:` + pro + ` |nos |me |nos pondremos|se )?` + stems + `(?:e|emos|a|an)\b|\b(?:recibir|tendr|sabr|ser)(?:as|eis|a|an)\b` +
			`|\b` + pro + ` ` + pres + `\b|\b(?:voy|vamos|van?) a (?:` + pro + ` )?\w+(?:te|le|les|lo|la|os)?\b`),
		not:     re(`^no\b|\bno podremos\b`),
		against: re(`^\W*(?:si|por favor)\b|\bno (?:` + pro + ` |nos |me )?(?:` + stems + `|podemos|puedo|podremos|vamos|es posible)|\b(?:ayer|anteayer|cerrad[oa]s?)\b`),
		theirs:  re(`\b(?:llamanos|llamenos|escribenos|escribanos|contactanos|contactenos|envianos|envienos|mandanos|avisanos|respondenos|dinos)\b`),
		kinds: []kind{
			{call, re(`\b(?:llam\w+|telefon\w+)\b`)},
			{write, re(`\b(?:escrib\w+|contact\w*|avis\w+|inform\w+|respond\w+|respuesta|contest\w+|correo|mensaje|noticias|dir(?:e|emos)|dig[o]|decimos|comunic\w+|confirm\w+|actualiz\w+)\b`)},
			{refund, re(`\b(?:devolv\w+|devuelv\w+|devolucion|reembols\w+|abon\w+|ingres\w+|dinero|importe)\b`)},
			{repair, re(`\b(?:repar\w+|arregl\w+|solucion\w*|resolv\w+|resuelt\w+|tecnic[oa]s?|cambi\w+|reemplaz\w+|sustitu\w+|averia|restablecid\w+|funcion\w+)\b`)},
			{other, re(`\b(?:envi\w+|mand\w+|entreg\w+|revis\w+|comprob\w+|mir\w+|pas\w+|llegar\w*|pedido|paquete|recib\w+|visit\w+|ira|iran|ire)\b`)},
		},
		patterns: patterns{
			past:   re(`\b(?:desde(?: el)?|pasad[oa]|ultim[oa]|hace|buenos|hasta el pasado|entre(?: las)?)\W*$`),
			asks:   re(`\b(?:(?:\w+ ?(?:-|a|o) ?)?\w+ (?:dias?|horas?) (?:habil(?:es)?|laborabl(?:es?)|laboral(?:es)?)|un[oa]s (?:dias|horas)|(?:el |este )?fin de semana|los proximos dias)\b`),
			within: re(`\b(?:en|dentro de|antes de|en un plazo de|en menos de|plazo maximo de)(?: (?:las?|los|el))?(?: (?:proxim[oa]s|siguientes))? ` + n + to + ` (?P<unit>minutos?|horas?|dias?|semanas?|mes(?:es)?)\b`),
			date:   []*regexp.Regexp{re(`\b(?P<d>\d{1,2}) de ` + mon + `(?: (?:de|del) (?P<y>\d{4}))?`)},
			digits: re(`\b(?:el|hasta el|antes del|dia) (?P<d>\d{1,2})/(?P<m>\d{1,2})(?:/(?P<y>\d{2,4}))?\b`),
			clock: []*regexp.Regexp{
				re(`\b(?:las?) (?P<h>\d{1,2})(?:[:.](?P<min>\d\d))?(?: de la (?P<ap>manana|tarde|noche))\b`), re(`\b(?:las?) (?P<h>\d{1,2})(?:[:.](?P<min>\d\d))? ?(?:h\b|horas\b)?`)},
			part: re(`\b(?:por|de|en|a) (?:la )?(?P<part>manana|tarde|noche|mediodia)\b`),
			days: []relative{
				{re(`\bpasado manana\b`), ahead(2), 0}, {re(`\besta noche\b`), ahead(0), eveningEnds}, {re(`\besta (?:manana|tarde)\b|\bhoy\b|\bfinal del dia\b`), ahead(0), 0},
				{re(`\bmanana\b`), ahead(1), 0}, {re(`\b(?:final|finales) de (?:la|esta) semana\b|\besta (?:misma )?semana\b`), friday(0), 0},
				{re(`\b(?:la )?(?:proxima semana|semana que viene|semana proxima)\b`), friday(1), 0}, {re(`\b(?:final|fin|finales) de(?: este)? mes\b`), monthEnd, 0},
			},
			week: re(`\b(?P<day>lunes|martes|miercoles|jueves|viernes|sabado|domingo)\b`), nextDay: true,
			numbers: map[string]int{"un": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "doce": 12, "quince": 15},
			units:   map[string]time.Duration{"mi": time.Minute, "ho": time.Hour, "di": day, "se": week, "me": month},
			weekday: map[string]time.Weekday{"lun": 1, "mar": 2, "mie": 3, "jue": 4, "vie": 5, "sab": 6, "dom": 0},
			month:   map[string]time.Month{"ene": 1, "feb": 2, "mar": 3, "abr": 4, "may": 5, "jun": 6, "jul": 7, "ago": 8, "sep": 9, "oct": 10, "nov": 11, "dic": 12},
			parts:   map[string]int{"manana": noon, "mediodia": 14, "tarde": 20, "noche": 22},
			after:   map[string]bool{"manana": false, "tarde": true, "noche": true},
		},
	}
}

func inFrench() *tongue {
	const (
		n     = `(?P<n>\d{1,3}|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinze)`
		to    = `(?: ?(?:-|a|ou) ?(?P<n2>\d{1,3}|deux|trois|quatre|cinq|six|sept|dix))?`
		mon   = `(?P<m>janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)\b`
		stems = `(?:(?:r|re)?(?:appel|appelle)|ecri|recontact|contact|rembours|revien|reven|reviendr|tien|ten|tiendr|inform|envo|enver|previen|preven|previendr|repond|repar|remplac|resou|resol|resoudr|livr|pass|viendr|vien|recev|aur|ser|credit|verifi|fer|donner|regl|depann|expedi|echang|trait|confirm|communiqu|vers|fais|mett|arriver|traiter|intervien)`
		pro   = `(?:(?:vous|te|le|la|les|lui|y|en|me|leur) |[tl]')`
		some  = `(?:quelqu'un|(?:une?|notre|nos|mon|ma|le|la|l')(?: ?[\w-]+){1,3}?)`
	)
	return &tongue{
		code: "fr",
		commit: re(`\b(?:je|nous|on|` + some + `) ` + pro + `{0,2}` + stems + `\w*\b|\b(?:vous|tu) (?:recev(?:rez|ras)|aur(?:ez|as)|ser(?:ez|as))\b|\bvotre (?:[\w-]+ ){1,3}?(?:sera|arrivera|parviendra|aura)\b` +
			`|\b(?:je vais|nous allons|on va) ` + pro + `{0,2}\w+(?:er|ir|re)\b`),
		not:     re(`\b(?:pas|plus|jamais|aucune?)\b`),
		against: re(`^\W*(?:si|merci de|veuillez)\b|\b(?:pas|jamais|hier|avant-hier)\b|\b(?:pouvez|pourriez)-vous\b|\bferme(?:e|s|es)?\b`),
		theirs:  re(`\b(?:appelez|ecrivez|contactez|envoyez|repondez|tenez|dites)-nous\b|\b(?:appelle|ecris|contacte|envoie)-nous\b|\bnous (?:appeler|ecrire|contacter|envoyer)\b`),
		kinds: []kind{
			{call, re(`\b(?:(?:r|re)?appel\w*|telephon\w*)\b`)},
			{write, re(`\b(?:ecri\w*|recontact\w*|contact\w*|revien\w*|reven\w*|reviendr\w*|courant|inform\w*|previen\w*|repon\w*|reponse|nouvelles|mail|message|courriel|confirm\w*|communiqu\w*)\b`)},
			{refund, re(`\b(?:rembours\w*|credit\w*|avoir|argent|vers(?:e|ons|erons|ement)|montant)\b`)},
			{repair, re(`\b(?:repar\w*|remplac\w*|resou\w*|resol\w*|technicien\w*|depann\w*|echang\w*|retabli\w*|fonctionn\w*|regl\w*|panne)\b`)},
			{other, re(`\b(?:envo\w*|enver\w*|livr\w*|pass\w*|viendr\w*|vien[ts]|verifi\w*|trait\w*|expedi\w*|colis|commande|recev\w*|fais|fer\w*|arriver\w*|interven\w*|intervien\w*)\b`)},
		},
		patterns: patterns{
			past:   re(`\b(?:depuis|dernier|derniere|il y a|du|passee?|entre)\W*$`),
			asks:   re(`\b(?:(?:\w+ ?(?:-|a|ou) ?)?\w+ (?:jours?|heures?) (?:ouvr(?:es?|ables?)|de travail)|quelques (?:jours|heures)|(?:ce |le )?week-?end|prochains jours|prochain jour ouvre)\b`),
			within: re(`\b(?:dans|sous|d'ici|en|avant|delai de|moins de)(?: les?| un delai de)?(?: prochaine?s)? ?` + n + to + ` ?(?P<unit>minutes?|min|heures?|h\b|jours?|semaines?|mois)\b`),
			date:   []*regexp.Regexp{re(`\b(?P<d>\d{1,2})(?:er)? ` + mon + `(?: (?P<y>\d{4}))?`)},
			digits: re(`\b(?:le|au|avant le|d'ici le) (?P<d>\d{1,2})/(?P<m>\d{1,2})(?:/(?P<y>\d{2,4}))?\b`),
			clock:  []*regexp.Regexp{re(`\b(?:a|avant|vers|d'ici|et) (?P<h>\d{1,2}) ?(?:h|heures?|:) ?(?P<min>\d\d)?\b`)},
			part:   re(`\b(?P<part>matin|midi|apres-midi|soir|soiree|nuit)\b`),
			days: []relative{
				{re(`\bapres-demain\b`), ahead(2), 0}, {re(`\bdemain\b`), ahead(1), 0}, {re(`\bce soir\b`), ahead(0), eveningEnds},
				{re(`\baujourd'hui\b|\b(?:cet apres-midi|ce matin)\b|\b(?:fin de|dans la) journee\b`), ahead(0), 0},
				{re(`\bfin de (?:la )?semaine\b|\bcette semaine\b`), friday(0), 0}, {re(`\b(?:la )?semaine prochaine\b`), friday(1), 0}, {re(`\bfin (?:de|du) mois\b`), monthEnd, 0},
			},
			week:    re(`\b(?P<day>lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?P<next> prochain)?\b`),
			numbers: map[string]int{"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "douze": 12, "quinze": 15},
			units:   map[string]time.Duration{"mi": time.Minute, "h": time.Hour, "j": day, "s": week, "mo": month},
			weekday: map[string]time.Weekday{"lun": 1, "mar": 2, "mer": 3, "jeu": 4, "ven": 5, "sam": 6, "dim": 0},
			month:   map[string]time.Month{"jan": 1, "fev": 2, "mar": 3, "avr": 4, "mai": 5, "juin": 6, "juil": 7, "aou": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12},
			parts:   map[string]int{"matin": noon, "midi": 13, "apres-midi": dayEnds, "soir": eveningEnds, "soiree": eveningEnds, "nuit": 23},
		},
	}
}
