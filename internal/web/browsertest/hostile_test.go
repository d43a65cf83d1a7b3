package browsertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hostile is what strangers may write.
var hostile = []string{
	`<script>window.owned = 1</script> my bill is wrong again and nobody answers`,
	`<img src=x onerror="window.owned = 1"> terrible service, broken for days`,
	`"><svg onload=window.owned=1> you charged me twice`,
	`{{constructor.constructor('window.owned=1')()}} my internet is down`,
	`javascript:window.owned=1 https://user:pw@evil.example/%22onmouseover=%22window.owned=1 refund me now`,
	"\u202eevil.exe\u202c is what your support sent, broken, awful\u2066\u2067",
	"Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘ your app is broken",
	strings.Repeat("WORST COMPANY EVER, refund my money! ", 270),
	strings.Repeat("a", 9000) + " broken refund",
	"لم يصل الطلب ولا أحد يرد <b>رد</b> (refund) 12.50€",
	"👨‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿 your delivery never came 😡😡😡",
	"\u0000\u0001\u0007 broken bytes \ufffd\uffff my order is missing",
}

// Posts that try to break out are shown as what they are: text.
func TestHostilePosts(t *testing.T) {
	p := open(t, "Hal Brave", "lead", "/queue", 1440, 900)
	var file bytes.Buffer
	stamp := time.Now().UnixNano()
	for i, text := range hostile {
		line, err := json.Marshal(map[string]any{
			"id": fmt.Sprintf("h%d-%d", stamp, i), "text": text, "network": "file", "posted_at": time.Now().UTC().Format(time.RFC3339),
			"author": map[string]any{"handle": fmt.Sprintf("h%d", i), "name": `<img src=x onerror=window.owned=1> ` + "\u202eadmin", "followers": 5},
			"url":    `https://evil.example/"><script>window.owned=1</script>`,
		})
		if err != nil {
			t.Fatal(err)
		}
		file.Write(append(line, '\n'))
	}
	name := filepath.Join(t.TempDir(), "hostile.jsonl")
	if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p.w.run(t, "import", name)
	p.until(fmt.Sprintf(`fetch('/api/v1/mentions?limit=100').then(r => r.json()).then(l => l.mentions.filter(m => m.network === 'file').length >= %d)`, len(hostile)))
	ids := value[[]string](p, `(async () => {
		const all = (await (await fetch('/api/v1/mentions?limit=100')).json()).mentions.filter(m => m.network === 'file')
		const ids = []
		for (const m of all) ids.push(m.case || (await (await fetch('/api/v1/mentions/' + m.id + '/open', {method: 'POST', headers: {'Content-Type': 'application/json'}})).json()).case)
		return ids
	})()`)
	if len(ids) < len(hostile) {
		t.Fatalf("%d cases of %d posts", len(ids), len(hostile))
	}
	p.show("/queue?network=file")
	p.rows()
	p.check("hostile-list")
	for i, id := range ids[:len(hostile)] {
		p.show("/cases/" + id)
		p.until(`!!document.querySelector('.post .pt') && !!document.querySelector('.cu')`)
		if value[bool](p, `!!window.owned || !!document.querySelector('#desk script, #desk img, #desk [onerror], #desk [onload], #desk iframe') || [...document.querySelectorAll('#desk a')].some(a => a.protocol === 'javascript:')`) {
			t.Errorf("post %d broke out", i)
		}
		if left := value[[]string](p, `document.querySelector('#desk').innerText.match(/[\u202a-\u202e\u2066-\u2069\u200b\u0000-\u0008]/g)?.map(c => c.codePointAt(0).toString(16)) ?? []`); len(left) != 0 {
			t.Errorf("post %d: characters that turn or hide text are shown: %v", i, left)
		}
		if wide := value[int](p, `document.documentElement.scrollWidth`); wide > 1440 {
			t.Errorf("post %d makes the page %d wide", i, wide)
		}
		if i%4 == 0 {
			p.check(fmt.Sprintf("hostile-%d", i))
		}
	}
}
