package care

import "regexp"

// silence are the ways in which people ask not to be contacted. They propose an
// opt-out to the agent; a person sets it.
var silence = []*regexp.Regexp{
	// English
	regexp.MustCompile(`(?i)\b(?:please )?(?:do not|don['’]?t|never|stop)(?: ever)? (?:contact(?:ing)?|messag(?:e|ing)|writ(?:e|ing)(?: to)?|email(?:ing)?|call(?:ing)?|text(?:ing)?|dm(?:ing)?|reply(?:ing)?(?: to)?) me\b`),
	regexp.MustCompile(`(?i)\b(?:leave me alone|take me off your list|remove me from your (?:list|contacts)|unsubscribe me|no (?:further|more) contact|(?:do not|don['’]t) want (?:any (?:more )?(?:contact|messages|replies)|to (?:hear from|be contacted by)))\b`),
	// German
	regexp.MustCompile(`(?i)(?:kontaktier(?:en sie|t|e)? mich (?:bitte )?(?:nicht|nie)(?: mehr| wieder)?|(?:schreiben sie|schreibt|schreib) mir (?:bitte )?(?:nicht|nie)(?: mehr| wieder)|lass(?:en sie|t)? mich (?:bitte |endlich )?in ruhe|hör(?:t|en sie)? auf,? mi(?:r zu schreiben|ch (?:anzuschreiben|zu kontaktieren|anzurufen))|(?:möchte|will) (?:nicht (?:mehr )?(?:von (?:euch|ihnen) )?(?:kontaktiert|angeschrieben|angerufen) werden|keinen kontakt))`),
	// French
	regexp.MustCompile(`(?i)(?:ne me (?:contactez|écrivez|appelez|répondez|recontactez) (?:plus|pas)|arrêtez de me (?:contacter|écrire|relancer|appeler)|laissez[- ]moi tranquille|je ne (?:veux|souhaite) (?:plus|pas) être (?:re)?contactée?)`),
	// Spanish
	regexp.MustCompile(`(?i)(?:no me (?:contacten|contactéis|escriban|escribáis|llamen|llaméis|molesten)|dejen de (?:contactarme|escribirme|llamarme|molestarme)|dejad de (?:contactarme|escribirme|llamarme)|déjenme en paz|dejadme en paz|no quiero que me (?:contacten|contactéis|escriban|llamen))`),
	// Portuguese
	regexp.MustCompile(`(?i)(?:(?:não|nao) me (?:contate|contatem|contacte|contactem|escrevam|liguem|mandem mensage[mn]s?)|parem de me (?:contatar|contactar|escrever|ligar|mandar)|me deix(?:e|em) em paz|deixem-me em paz|(?:não|nao) quero (?:mais )?ser contat?ct?ad[oa])`),
	// Italian
	regexp.MustCompile(`(?i)(?:non (?:mi )?(?:contattatemi|contattate(?:mi)?|scrivetemi|chiamatemi|scrivete|chiamate)(?: più)?|smettetela di (?:contattarmi|scrivermi|chiamarmi)|lasciatemi in pace|non voglio (?:più )?essere contattat[oa])`),
	// Dutch
	regexp.MustCompile(`(?i)(?:neem (?:alsjeblieft |aub )?geen contact (?:meer )?(?:met mij|met me)?(?: meer)? op|stuur me geen (?:berichten|mails?)|laat me met rust|stop met (?:mij|me) (?:te )?(?:bellen|mailen|schrijven|contacteren|benaderen)|wil niet (?:meer )?(?:benaderd|gecontacteerd|gebeld) worden)`),
	// Turkish
	regexp.MustCompile(`(?i)(?:benimle (?:bir daha )?iletişime geçmeyin|bana (?:bir daha )?(?:yazmayın|mesaj atmayın)|beni (?:bir daha )?(?:aramayın|rahat bırakın))`),
	// Russian
	regexp.MustCompile(`(?i)(?:(?:больше )?не (?:пишите|звоните) мне(?: больше)?|(?:прошу |пожалуйста,? )?не связывайтесь со мной|оставьте меня в покое|хватит мне (?:писать|звонить)|перестаньте мне (?:писать|звонить))`),
	// Arabic
	regexp.MustCompile(`(?:لا تتواصلوا معي|لا تراسلوني|لا تتصلوا بي|توقفوا عن (?:مراسلتي|الاتصال بي)|اتركوني وشأني)`),
	// Hindi
	regexp.MustCompile(`(?:मुझसे (?:दोबारा )?संपर्क (?:न|ना|मत) कर(?:ें|ो)|मुझे (?:मैसेज|कॉल|फोन) (?:न|ना|मत) कर(?:ें|ो)|मुझे अकेला छोड़ (?:दें|दो))`),
	// Chinese and Japanese
	regexp.MustCompile(`(?:(?:请)?(?:不要|别)再?(?:联系|打扰|骚扰)我|請?不要再?(?:聯絡|聯繫|打擾)我|連絡しないで(?:ください|下さい)?|返信しないで(?:ください|下さい)?|もう連絡は?(?:不要|いりません))`),
	// Indonesian, Vietnamese and Thai
	regexp.MustCompile(`(?i)(?:jangan (?:lagi )?(?:hubungi|kirim pesan ke|telepon|dm) (?:saya|aku)|berhenti menghubungi saya|đừng (?:liên (?:hệ|lạc)(?: với)?|nhắn tin cho|gọi(?: cho)?) tôi|อย่า(?:ติดต่อ|โทรหา|ส่งข้อความหา)(?:ฉัน|ผม|เรา))`),
}

// blames is what stands before such words when somebody complains that we do
// not answer: "why don't you contact me", "you never reply to me".
var blames = regexp.MustCompile(`(?i)(?:\b(?:you|they|why|nobody|who|u|ihr|sie|warum|wieso|weshalb|niemand|pourquoi|personne|vous|por ?qué|nadie|ustedes|por ?que|ninguém|vocês|perché|nessuno|waarom|niemand|jullie|neden)|(?:почему|никто|вы|為什麼|为什么))[\s,]+(?:(?:just|even|still|simply|do|would|did|einfach|ne|gar|noch)\s+){0,2}$`)

// AsksForSilence finds the words in a text that ask us not to contact the
// author: a span in bytes. It proposes only; a person decides.
func AsksForSilence(text string) (from, to int, ok bool) {
	text = text[:min(len(text), maxRead)]
	for _, re := range silence {
		for _, at := range re.FindAllStringIndex(text, 8) {
			before := text[max(0, at[0]-60):at[0]]
			if !blames.MatchString(before) {
				return at[0], at[1], true
			}
		}
	}
	return 0, 0, false
}
