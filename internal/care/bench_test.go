package care_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// aRecord is a typical one: a mention opens a case, which is routed and gets
// its deadlines.
func aRecord(t testing.TB) care.Record {
	m := mention("01kaj8g2v0000000000000m1", 0)
	m.Author, m.Thread = "3f9ac1d2e47788aa", "98aa77cc12345678"
	d := newDesk(t, normal)
	d.do("01kaj8g2v0000000000000c1", care.ByIntake, care.Opened{MentionRef: m, Probability: 0.93, Model: "linear@51bc"},
		care.Routed{Queue: "billing", Lane: care.Ordinary, Policy: "normal", Tree: "31d0", Path: []string{"all", "de", "billing"}})
	return d.log["01kaj8g2v0000000000000c1"][0].Record
}

func aMention() care.Mention { return documents()[0].value.(care.Mention) }

func BenchmarkRecordEncode(b *testing.B) {
	r := aRecord(b)
	b.Run("compact", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			n = len(r.Encode())
		}
		b.ReportMetric(float64(n), "bytes")
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			x, err := json.Marshal(r)
			if err != nil {
				b.Fatal(err)
			}
			n = len(x)
		}
		b.ReportMetric(float64(n), "bytes")
	})
}

func BenchmarkRecordDecode(b *testing.B) {
	r := aRecord(b)
	compact := r.Encode()
	printed, err := json.Marshal(r)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("compact", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := care.DecodeRecord(compact); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var r care.Record
			if err := json.Unmarshal(printed, &r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkMentionEncode(b *testing.B) {
	m := aMention()
	b.Run("compact", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			n = len(m.Encode())
		}
		b.ReportMetric(float64(n), "bytes")
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			x, err := json.Marshal(m)
			if err != nil {
				b.Fatal(err)
			}
			n = len(x)
		}
		b.ReportMetric(float64(n), "bytes")
	})
}

func BenchmarkMentionDecode(b *testing.B) {
	m := aMention()
	compact := m.Encode()
	printed, err := json.Marshal(m)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("compact", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := care.DecodeMention(compact); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var m care.Mention
			if err := json.Unmarshal(printed, &m); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// aLife is a case of twelve records: claimed, noted, answered, taken up again.
func aLife(t testing.TB) *desk {
	d := newDesk(t, normal).open(mention("m1", 0))
	d.at(2).must("c1", "agent/ada")(d.of("c1").Claim("ada", "next"))
	d.at(3).must("c1", "agent/ada")(d.of("c1").Note(1))
	d.at(4).add(mention("m2", 4))
	d.at(5).answer("m1", care.ThenAwait) // three records
	d.at(50).add(mention("m3", 50))
	d.at(51).must("c1", "agent/ada")(d.of("c1").MakePromise("ada", 3, d.now, minute(600), "call"))
	d.at(52).must("c1", "agent/ada")(d.of("c1").Tag([]string{"refund"}, nil))
	d.at(75).scan()
	d.at(80).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved"))
	return d
}

func TestTheLifeThatIsMeasured(t *testing.T) {
	expect(t, "records", len(aLife(t).log["c1"]), 12)
}

func BenchmarkFold(b *testing.B) {
	log := aLife(b).log["c1"]
	b.ReportAllocs()
	for b.Loop() {
		if c := care.Fold("c1", log); c.State != care.StateResolved {
			b.Fatal(c.State)
		}
	}
}

func BenchmarkSettle(b *testing.B) {
	d := aLife(b)
	log := d.log["c1"]
	before := care.Fold("c1", log[:7])
	for name, after := range map[string]*care.Case{
		"nothing follows": before,
		"a wait begins":   care.Fold("c1", append(log[:7:7], care.SeqRecord{Seq: 8, Record: care.Record{At: minute(50), Events: before.TakeIn(mention("m3", 50))}})),
	} {
		if follows := after.Settle(before, minute(50), d.tt); (len(follows) == 0) != (after == before) {
			b.Fatalf("%s: %s", name, show(follows))
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				after.Settle(before, minute(50), d.tt)
			}
		})
	}
}

// A customer who can't stop writing must not make every look at the case slow.
func BenchmarkManyMentions(b *testing.B) {
	d := newDesk(b, normal).open(mention("m1", 0))
	c := d.of("c1")
	for i := range 2000 {
		m := mention(care.MentionID(time.Duration(i).String()), 1+i%60)
		c.Apply(c.Seq+1, care.Record{At: minute(60), Events: c.TakeIn(m)})
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Settle(c, minute(61), d.tt)
		c.Row()
	}
}
