package browsertest

import "testing"

// Every report, in both themes, on a laptop, a small one and a phone, without an
// accessibility violation; a number leads to its cases.
func TestReports(t *testing.T) {
	t.Parallel()
	p := open(t, "Lena Ott", "lead", "/reports/now", 390, 844)
	const with = "?with=demo&with=imported&with=late"
	for _, name := range []string{"now", "response", "promises", "volume", "topics", "quality", "voice", "people"} {
		p.show("/reports/" + name + with + "&by=queue")
		p.until(`!!document.querySelector('.rep .card')`)
		p.everywhere("report-" + name)
	}
	p.show("/reports/response" + with)
	p.until(`!!document.querySelector('.figs a.fig')`)
	p.everywhere("report-plain")
	p.eval(`document.querySelector('.figs a.fig').click(); 0`)
	p.until(`!!document.querySelector('[data-cases]')`)
	p.everywhere("report-cases")
}
