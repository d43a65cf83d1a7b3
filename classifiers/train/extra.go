package train

import (
	"math/rand/v2"
	"strings"
	"unicode"
)

// fewWords are the commonest words of languages that no data set here holds,
// and of languages typed in Latin letters, written down for Amends. Rows drawn
// from them teach the language model that these are not English.
var fewWords = map[string]string{
	"pl":      "nie się jest na to że w z do co jak tak ale już czy mam dla od przez jestem tylko mi mnie po są był była było będzie dlaczego kiedy gdzie wszystko bardzo dzień dobry dziękuję proszę czekam nadal zamówienie paczka pieniądze zwrot obsługa klienta odpowiedzi tydzień dni które który tego jeszcze może teraz zawsze nigdy nikt przesyłka działa wasza firma pomoc problem ktoś więc także można",
	"cs":      "je se na to že v s do co jak tak ale už mám pro od jsem jen mi mě po jsou byl byla bylo bude proč kdy kde všechno velmi dobrý den děkuji prosím čekám stále objednávka balík peníze zpět zákazník odpověď týden dny který ještě může teď vždy nikdy nikdo nefunguje vaše firma pomoc někdo takže také které nebo není jste když",
	"ro":      "nu este la că în cu de ce cum dar deja pentru am sunt doar mi mă după a fost va fi de ce când unde totul foarte bună ziua mulțumesc vă rog aștept încă comanda coletul banii înapoi clienți răspuns săptămâni zile care mai poate acum mereu niciodată nimeni funcționează firma ajutor cineva deci și sau din pe o un să este nimic",
	"hu":      "nem és a az hogy is van de csak már mi még egy meg ha mint vagyok miért mikor hol minden nagyon jó napot köszönöm kérem várok mindig rendelés csomag pénz vissza ügyfél válasz hét nap ami lehet most soha senki működik cég segítség valaki tehát ez azt nekem volt lesz ott itt vagy akkor után pedig",
	"fi":      "ei ja on se että en ole minä mutta jo vain kun mitä miten niin myös tai olen miksi milloin missä kaikki hyvää päivää kiitos odotan vielä tilaus paketti rahat takaisin asiakas vastaus viikko päivä joka voi nyt aina koskaan kukaan toimi yritys apua joku siis tämä mulla oli olla sitten nyt hyvin paljon mukaan kanssa",
	"no":      "ikke jeg er det på og å at som har en til med for av de vi du den men om kan skal hva hvorfor når hvor alt veldig god dag takk vennligst venter fortsatt bestilling pakke penger tilbake kunde svar uker dager nå alltid aldri ingen fungerer hjelp noen så bare meg deg oss ble vært være etter fra dere ikkje hvordan kommer",
	"ca":      "no és que el la de i a en amb per què com però ja tinc estic només em després han va serà quan on tot molt bon dia gràcies si us plau espero encara comanda paquet diners tornar client resposta setmanes dies ara sempre mai ningú funciona empresa ajuda algú doncs també aquest aquesta són perquè els les hi ha uns seva",
	"tl":      "hindi ang ng mga sa na ko mo ako ikaw po ba lang naman kasi pa din rin yung nga sana bakit kailan saan lahat salamat pakiusap hintay order pera balik sagot araw linggo kahit ngayon lagi walang wala gumagana tulong ano paano sino pero dahil para may isa kayo namin nila natin sobrang grabe talaga ayaw gusto daw",
	"hr":      "nije je se na da u i s od što kako ali već imam za sam samo mi po su bio bila bilo bit će zašto kada gdje sve vrlo dobar dan hvala molim čekam još uvijek narudžba paket novac natrag kupac odgovor tjedan dana koji može sada nikad nitko radi firma pomoć netko dakle također ili nisam ste kad nego onda",
	"ar-Latn": "mesh mish mafi mafeesh leh leih eih eh ana enta enti howa heya fein feen emta keda kda bas 3ayz 3ayez 3ashan 3lshan 7aga 7abibi mn fe el de da dah ya rabena walla wallah ya3ni inshallah khalas tayeb ma3lesh shukran shokran alhamdulillah fady zay ezzay ezay mo7taram khedma 5edma el3omla2 el talab lessa lesa mawselsh mosh shaghal flos floosi rag3ly 7ad byrod yorod sa3a yom shahr msh 3arf 3ndi ma3ak wenkom lesh shlon kteer ktir",
	"hi-Latn": "nahi nhi hai hain ka ki ke ko se mein mai aur kya kyu kyun kab kaise mera meri mere mujhe aap aapka aapki tum hum humko ye yeh wo woh bhi tak abhi ab kar karo karna raha rahi rahe gaya gayi hua hui tha thi the koi kuch bahut bohot accha achha bhai yaar paisa paise wapas jaldi kal aaj din mahine hafte order nahin mila kharab bakwas ghatiya jawab deta dete kitna kitne log sab phir fir wala wali sirf lekin par agar toh to hi na",
	"ru-Latn": "ne net da chto eto kak tak no uzhe dlya ot tolko mne menya posle byl byla bylo budet pochemu kogda gde vse ochen dobryi den spasibo pozhaluista zhdu zakaz posylka dengi vernite klient otvet nedelya dnei kotoryi eshche mozhet seichas vsegda nikogda nikto rabotaet vasha pomogite kto-to takzhe ili ya vy my oni ego moi skolko opyat nichego",
}

// drawn makes n texts of 3 to 11 entries of a list.
func drawn(list []string, n int, seed uint64) []string {
	rng := rand.New(rand.NewPCG(seed, uint64(len(list))))
	out := make([]string, n)
	for i := range out {
		picked := make([]string, 3+rng.IntN(9))
		for j := range picked {
			picked[j] = list[rng.IntN(len(list))]
		}
		out[i] = strings.Join(picked, " ")
	}
	return out
}

var cyrillicLatin = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "yo", 'ж': "zh", 'з': "z", 'и': "i", 'й': "y", 'к': "k",
	'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "h", 'ц': "ts",
	'ч': "ch", 'ш': "sh", 'щ': "sch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya",
}

var devanagariLatin = map[rune]string{
	'अ': "a", 'आ': "aa", 'इ': "i", 'ई': "i", 'उ': "u", 'ऊ': "u", 'ए': "e", 'ऐ': "ai", 'ओ': "o", 'औ': "au", 'ऋ': "ri", 'ऑ': "o",
	'ा': "a", 'ि': "i", 'ी': "i", 'ु': "u", 'ू': "u", 'े': "e", 'ै': "ai", 'ो': "o", 'ौ': "au", 'ृ': "ri", 'ॉ': "o", 'ं': "n", 'ँ': "n", 'ः': "h", '़': "", '्': "",
	'क': "k", 'ख': "kh", 'ग': "g", 'घ': "gh", 'ङ': "n", 'च': "ch", 'छ': "chh", 'ज': "j", 'झ': "jh", 'ञ': "n", 'ट': "t", 'ठ': "th",
	'ड': "d", 'ढ': "dh", 'ण': "n", 'त': "t", 'थ': "th", 'द': "d", 'ध': "dh", 'न': "n", 'प': "p", 'फ': "f", 'ब': "b", 'भ': "bh",
	'म': "m", 'य': "y", 'र': "r", 'ल': "l", 'व': "v", 'श': "sh", 'ष': "sh", 'स': "s", 'ह': "h", '।': ".",
}

func isConsonant(r rune) bool { return r >= 'क' && r <= 'ह' }

func isVowelSign(r rune) bool { return r >= 'ा' && r <= '्' }

// romanise types a text in Latin letters as people do: Hindi drops the vowel
// that nobody says at the end of a word.
func romanise(text string) string {
	var b strings.Builder
	rs := []rune(text)
	for i, r := range rs {
		lower := unicode.ToLower(r)
		if s, ok := cyrillicLatin[lower]; ok {
			b.WriteString(s)
			continue
		}
		s, ok := devanagariLatin[r]
		if !ok {
			b.WriteRune(r)
			continue
		}
		b.WriteString(s)
		if !isConsonant(r) || i+1 == len(rs) {
			continue
		}
		next := rs[i+1]
		if next == '़' && i+2 < len(rs) {
			next = rs[i+2]
		}
		if isVowelSign(next) || next < 'ऀ' || next > 'ॿ' || next == '।' {
			continue
		}
		// The vowel between two consonants is dropped before a last syllable with a vowel sign.
		if i > 0 && isVowelSign(rs[i-1]) && i+2 < len(rs) && isConsonant(next) && isVowelSign(rs[i+2]) {
			continue
		}
		b.WriteByte('a')
	}
	return b.String()
}
