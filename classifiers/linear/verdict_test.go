package linear

import (
	"slices"
	"testing"

	"github.com/amends-care/amends/classifiers"
)

func verdict(t *testing.T, text classifiers.Text) classifiers.Verdict {
	t.Helper()
	v, err := open(t).Classify(t.Context(), []classifiers.Text{text})
	if err != nil {
		t.Fatal(err)
	}
	return v[0]
}

// TestTheSameMatterInManyLanguages holds that a plain complaint is found and a
// plain thank-you left alone wherever we have a word list.
func TestTheSameMatterInManyLanguages(t *testing.T) {
	for _, test := range []struct{ lang, complaint, praise string }{
		{"en", "My order never arrived and nobody answers my emails, I want my money back", "Lovely shop, quick delivery, thank you so much"},
		{"de", "Ich warte seit drei Wochen auf mein Paket und niemand antwortet, Frechheit", "Super Service, alles pünktlich, vielen Dank"},
		{"fr", "Votre service client est une honte, je veux être remboursé", "Merci beaucoup pour la livraison rapide, je recommande"},
		{"es", "El pedido nunca llegó y nadie contesta, quiero mi dinero", "Muy buen servicio, muchas gracias"},
		{"pt", "Comprei há dois meses e até agora não recebi o produto, ninguém responde", "Adorei o produto, chegou rápido"},
		{"it", "Il pacco non è arrivato, nessuno risponde, vergogna", "Ottimo prodotto, consegna veloce, grazie"},
		{"nl", "Al drie weken geen reactie van de klantenservice, belachelijk", "Heerlijk gegeten, vriendelijke bediening"},
		{"tr", "Kargom iki haftadır gelmedi, kimse telefona bakmıyor, rezalet", "Çok güzel bir ürün, tavsiye ederim"},
		{"ru", "Третий день нет интернета, поддержка не отвечает, верните деньги", "Отличный банк, всё быстро, спасибо"},
		{"ar", "الطلب لم يصل ولا أحد يرد على اتصالاتي، أريد استرجاع المبلغ", "خدمة ممتازة شكرا لكم"},
		{"hi", "मेरा ऑर्डर अभी तक नहीं आया, पैसे वापस करो", "बहुत अच्छी सेवा, धन्यवाद"},
		{"hi-Latn", "mera order abhi tak nahi aaya, koi jawab nahi deta, paisa wapas karo", "bahut achha product hai, maza aa gaya"},
		{"zh", "等了三个星期还没收到货，客服也不回复，差评", "味道很好，送餐很快，推荐"},
		{"ja", "注文した商品がまだ届きません。返信もなく最悪です。", "とても美味しかったです、また行きます"},
		{"th", "รอมาสามอาทิตย์แล้วไม่มีใครตอบ บริการแย่มาก", "อร่อยมาก แนะนำเลย"},
		{"id", "Sudah tiga minggu barang belum sampai, cs tidak dibalas, kecewa berat", "Makanannya enak banget, recommended"},
		{"vi", "Đặt hàng ba tuần rồi chưa nhận được, gọi tổng đài không ai nghe máy", "Hàng đẹp, giao nhanh, rất hài lòng"},
		{"ko", "주문한 지 3주가 지났는데 아직도 안 왔어요. 환불해 주세요", "정말 맛있어요, 추천합니다"},
		{"sv", "Jag har väntat i tre veckor och ingen svarar, värdelöst", "Jättebra service, tack så mycket"},
		{"da", "Jeg har ventet i tre uger og ingen svarer, elendigt", "Fantastisk service, mange tak"},
	} {
		bad, good := verdict(t, classifiers.Text{Body: test.complaint}), verdict(t, classifiers.Text{Body: test.praise})
		if bad.Language.Tag != test.lang || good.Language.Tag != test.lang {
			t.Errorf("%s: taken for %s and %s", test.lang, bad.Language.Tag, good.Language.Tag)
		}
		if !bad.Complaint || bad.Wants != classifiers.WantsRemedy || len(bad.Why) == 0 {
			t.Errorf("%s: %.2f for %q", test.lang, bad.Probability, test.complaint)
		}
		if good.Complaint || good.Sentiment == classifiers.Negative {
			t.Errorf("%s: %.2f, %v for %q", test.lang, good.Probability, good.Sentiment, test.praise)
		}
	}
}

func TestUrgencyHasItsReason(t *testing.T) {
	for _, test := range []struct {
		text classifiers.Text
		want classifiers.Urgency
		span string
	}{
		{classifiers.Text{Body: "Your heater caught fire, unacceptable, I could have died"}, classifiers.Safety, "caught fire"},
		{classifiers.Text{Body: "No reply for days and my newborn has no heating, disgraceful"}, classifiers.Vulnerable, "newborn"},
		{classifiers.Text{Body: "Still no refund, you will hear from my lawyer"}, classifiers.Legal, "lawyer"},
		{classifiers.Text{Body: "Terrible service, I have complained to the ombudsman"}, classifiers.Regulator, "ombudsman"},
		{classifiers.Text{Body: "Appalling. I am a customer and a journalist, this is a scam"}, classifiers.Press, "journalist"},
		{classifiers.Text{Body: "You promised a refund and it still has not come"}, classifiers.BrokenPromise, "promised"},
		{classifiers.Text{Body: "Worst network ever, I am switching to somebody else"}, classifiers.Cancellation, "switching"},
		{classifiers.Text{Body: "Worst airline, lost my bag again", Followers: 900_000}, classifiers.Viral, ""},
		{classifiers.Text{Body: "Ich werde einen Anwalt einschalten, unverschämter Kundenservice, kein Geld zurück"}, classifiers.Legal, "Anwalt"},
	} {
		v := verdict(t, test.text)
		if !slices.Contains(v.Urgency, test.want) {
			t.Errorf("%q: urgency %v, want %v (probability %.2f)", test.text.Body, v.Urgency, test.want, v.Probability)
			continue
		}
		found := false
		for _, e := range v.Evidence {
			if e.About == classifiers.AboutUrgency && e.Value == test.want.String() && test.text.Body[e.From:e.To] == test.span {
				found = true
			}
		}
		if !found {
			t.Errorf("%q: no evidence %q for %v in %+v", test.text.Body, test.span, test.want, v.Evidence)
		}
	}
	for _, calm := range []string{"Happy birthday to my newborn son", "Great film about a lawyer", "We love this journalist"} {
		if v := verdict(t, classifiers.Text{Body: calm}); len(v.Urgency) > 0 {
			t.Errorf("%q is urgent: %v", calm, v.Urgency)
		}
	}
}

func TestWhatIsWanted(t *testing.T) {
	for text, want := range map[string]classifiers.Wants{
		"My parcel is lost again, worst delivery ever":                     classifiers.WantsRemedy,
		"Do you have this in blue?":                                        classifiers.WantsAnswer,
		"Love your new shop, great people!":                                classifiers.Praise,
		"Just walked past the new branch on the high street":               classifiers.MereMention,
		"Win a free phone! click here https://spam.example promo code BIG": classifiers.Spam,
		"Stay mad snowflakes, cry more":                                    classifiers.Bait,
	} {
		if v := verdict(t, classifiers.Text{Body: text}); v.Wants != want {
			t.Errorf("%q wants %v, not %v (probability %.2f)", text, v.Wants, want, v.Probability)
		}
	}
}

func TestSarcasmIsSuspected(t *testing.T) {
	for _, text := range []string{"Great job losing my luggage again, thanks for nothing", "Na toll, schon wieder Zugausfall. Danke für nichts"} {
		if v := verdict(t, classifiers.Text{Body: text}); !v.Sarcasm {
			t.Errorf("%q: not suspected (probability %.2f)", text, v.Probability)
		}
	}
	if v := verdict(t, classifiers.Text{Body: "Thanks a lot, lovely evening"}); v.Sarcasm {
		t.Error("plain thanks are taken for sarcasm")
	}
}

func TestMoodFollowsTheTone(t *testing.T) {
	calm := verdict(t, classifiers.Text{Body: "Is the shop open tomorrow?"})
	mild := verdict(t, classifiers.Text{Body: "My order has not arrived yet, could you look into it? It is two weeks late"})
	wild := verdict(t, classifiers.Text{Body: "WHAT THE FUCK IS WRONG WITH YOU PATHETIC LIARS!!! WORST SHITTY SERVICE EVER!!!"})
	if calm.Mood != classifiers.Calm || mild.Mood >= wild.Mood || wild.Mood != classifiers.Furious {
		t.Errorf("calm %v, mild %v, wild %v", calm.Mood, mild.Mood, wild.Mood)
	}
}

func TestTheNetworksHintCountsWhereWeCantTell(t *testing.T) {
	if v := verdict(t, classifiers.Text{Body: "ok", Lang: "fr-CA"}); v.Language.Tag != "fr" || v.Language.Confidence > trustHint {
		t.Errorf("%+v", v.Language)
	}
	if v := verdict(t, classifiers.Text{Body: "Ich warte seit drei Wochen auf mein Paket", Lang: "en"}); v.Language.Tag != "de" {
		t.Errorf("a wrong hint was believed: %+v", v.Language)
	}
}
