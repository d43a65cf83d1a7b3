package report

import (
	"fmt"
	"html"
	"io"
	"strings"
	"unicode/utf8"
)

// A pen draws one chart. Everything that it is given is escaped.
type pen struct {
	b    strings.Builder
	w, h float64
	id   string
}

// SVG draws a chart in a width; id is unique in the page.
func (c *Chart) SVG(width int, id string) string { return c.svg(float64(width), id, 0) }

func (c *Chart) svg(width float64, id string, top float64) string {
	p := &pen{w: width, h: c.height(width), id: html.EscapeString(id)}
	place, role := "", "img"
	if c.links {
		role = "group" // what is in a picture can't be reached
	}
	if top > 0 {
		place = fmt.Sprintf(` y="%.1f"`, top)
	}
	fmt.Fprintf(&p.b, `<svg xmlns="http://www.w3.org/2000/svg" class="chart"%s width="%g" height="%g" viewBox="0 0 %g %g" role="%s" aria-labelledby="%s-t %s-d">`,
		place, p.w, p.h, p.w, p.h, role, p.id, p.id)
	fmt.Fprintf(&p.b, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, p.id, safe(c.Title), p.id, safe(c.Description))
	fmt.Fprintf(&p.b, `<defs><pattern id="%s-hatch" class="hp" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="5" class="hl"/></pattern></defs>`, p.id)
	c.draw(p)
	p.b.WriteString("</svg>")
	return p.b.String()
}

// safe is text as XML can hold it, and as long as a picture has use for.
func safe(s string) string {
	const most = 600
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return html.EscapeString(plainText(s))
}

func (p *pen) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&p.b, `<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, class, x1, y1, x2, y2)
}

// rect draws a box; class hx is hatched.
func (p *pen) rect(class string, x, y, w, h float64, title string) {
	fill := ""
	if class == "hx" {
		fill = fmt.Sprintf(` fill="url(#%s-hatch)"`, p.id)
	}
	fmt.Fprintf(&p.b, `<rect class="%s"%s x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2"><title>%s</title></rect>`, class, fill, x, y, max(w, 0), max(h, 0), safe(title))
}

func (p *pen) point(class string, x, y float64, title string) {
	fmt.Fprintf(&p.b, `<circle class="%s" cx="%.1f" cy="%.1f" r="4"><title>%s</title></circle>`, class, x, y, safe(title))
}

func (p *pen) text(class, anchor string, x, y float64, s string) {
	if class != "" {
		class = ` class="` + class + `"`
	}
	fmt.Fprintf(&p.b, `<text%s x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, class, x, y, anchor, safe(s))
}

func (p *pen) path(class string, points [][2]float64, closed bool) {
	if len(points) == 0 {
		return
	}
	fmt.Fprintf(&p.b, `<path class="%s" d="`, class)
	for i, at := range points {
		op := "L"
		if i == 0 {
			op = "M"
		}
		fmt.Fprintf(&p.b, "%s%.1f %.1f", op, at[0], at[1])
	}
	if closed {
		p.b.WriteString("Z")
	}
	p.b.WriteString(`"/>`)
}

// perLetter is about how wide a character is, in user units.
const perLetter = 6.2

// cut shortens a text to what fits.
func (p *pen) cut(s string, width float64) string {
	most := max(int(width/perLetter), 2)
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// under writes the labels of rows below a chart, as many as there is room for.
func (p *pen) under(rows []Row, x func(int) float64, bottom float64) {
	room := -100.0
	for i, r := range rows {
		if x(i)-room < 72 {
			continue
		}
		if x(i) < p.w-30 {
			p.text("", "middle", max(x(i), 30), bottom+16, r.Label)
			room = x(i)
		}
	}
}

// curve draws a step function with its band, no finer than can be seen.
func (p *pen) curve(c *Curve, x, y func(float64) float64, right float64) {
	line, low, high := [][2]float64{{x(0), y(1)}}, [][2]float64{{x(0), y(1)}}, [][2]float64{{x(0), y(1)}}
	add := func(to *[][2]float64, at, v float64) {
		last := (*to)[len(*to)-1]
		*to = append(*to, [2]float64{at, last[1]}, [2]float64{at, y(v)})
	}
	seen := -1.0
	for i := range c.Steps {
		s := &c.Steps[i]
		at := x(float64(s.Seconds))
		if at-seen < 1.5 && i != len(c.Steps)-1 {
			continue
		}
		seen = at
		lo, hi := s.band()
		add(&line, at, s.S)
		add(&low, at, lo)
		add(&high, at, hi)
	}
	for _, l := range []*[][2]float64{&line, &low, &high} {
		*l = append(*l, [2]float64{right, (*l)[len(*l)-1][1]})
	}
	for i := len(low) - 1; i >= 0; i-- {
		high = append(high, low[i])
	}
	p.path("band", high, true)
	p.path("l50", line, false)
}

// sheetOfStyle makes a picture that stands alone readable; pages have the
// classes in their own sheet.
const sheetOfStyle = `<style>text{font:11px sans-serif;fill:#6e6961}.head{font-size:15px;fill:#1c1a17;font-weight:600}.lab{fill:#1c1a17;font-weight:500}.labm{fill:#4c4842}` +
	`.g{stroke:#ece8e2}.bar{fill:#6f88d8}.area{fill:#cdd7f5}.band{fill:#dfe6f9}.l50{fill:none;stroke:#2f54c8;stroke-width:2}.l90{fill:none;stroke:#6f88d8;stroke-width:1.5}` +
	`.in{fill:none;stroke:#4c4842;stroke-width:1.25}.pt{fill:#2f54c8}.no{fill:#fff;stroke:#2f54c8;stroke-width:1.5}.whisk{stroke:#2f54c8;stroke-width:1.5}.mk{stroke:#1c1a17}.nt{fill:#f5e6c8}.h0{fill:none;stroke:#ece8e2}.h1{fill:#e3e9fb}.h2{fill:#bccaf5}.h3{fill:#8fa5ea}.h4{fill:#5c7bdb}.h5{fill:#2f54c8}.hl{stroke:#b9b3aa;stroke-width:1.4}</style>`

// writeSVG writes all charts of a report below each other, as one picture.
func (r *Report) writeSVG(w io.Writer) error {
	var b strings.Builder
	y := 0.0
	for i, line := range r.head() {
		class := ""
		if i == 0 {
			class = ` class="head"`
		}
		y += 18
		fmt.Fprintf(&b, `<text%s x="0" y="%.0f">%s</text>`, class, y, safe(line))
	}
	y += 16
	none := y
	for i := range r.Tables {
		t := &r.Tables[i]
		for _, c := range r.Charts(t) {
			y += 22
			fmt.Fprintf(&b, `<text class="lab" x="0" y="%.0f">%s (%s)</text>`, y, safe(c.Title), t.Dates.text())
			y += 10
			b.WriteString(c.svg(Wide, c.Name, y))
			y += c.height(Wide) + 14
		}
	}
	if y == none {
		y += 22
		fmt.Fprintf(&b, `<text x="0" y="%.0f">Nothing in this span can be drawn.</text>`, y)
	}
	_, err := fmt.Fprintf(w, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" viewBox=\"-16 -8 %d %.0f\" role=\"img\" aria-label=\"%s\">%s<rect class=\"paper\" x=\"-16\" y=\"-8\" width=\"%d\" height=\"%.0f\" fill=\"#fff\"/>%s</svg>\n",
		Wide+32, y+16, Wide+32, y+16, safe(r.Title+", "+r.Span()), sheetOfStyle, Wide+32, y+16, b.String())
	return err
}
