package browsertest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

var readme = flag.String("readme", "", "write the pictures of the documents to this folder")

// The pictures in the README and the guide are what the demo shows, taken by this test:
// go test -run TestReadmePictures . -readme ../../../docs/pictures
func TestReadmePictures(t *testing.T) {
	if *readme == "" {
		t.Skip("writes the documents' pictures only with -readme")
	}
	p := open(t, "Sana Khan", "lead", "/queue", 1440, 900)
	p.theme("light")
	keep := func(name string) {
		t.Helper()
		b, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
		if err == nil {
			err = os.WriteFile(filepath.Join(*readme, name), b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	p.rows()
	p.press("j")
	p.press("j")
	p.press(" ")
	p.until(`!!document.querySelector('.pk .pm') && document.fonts.status === 'loaded'`)
	keep("queue.png")
	p.press("\r")
	p.until(`!!document.querySelector('.post') && !!document.querySelector('.cu .why')`)
	keep("case.png")
}
