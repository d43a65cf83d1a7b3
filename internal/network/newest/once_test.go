package newest

import (
	"strconv"
	"testing"
)

func TestOnce(t *testing.T) {
	var o Once
	if !o.News([]byte("a")) || o.News([]byte("a")) || !o.News(nil) || o.News(nil) {
		t.Error("news is what was not met before")
	}
	for i := range 3 * onceSize {
		o.News([]byte(strconv.Itoa(i)))
	}
	if n := len(o.met); n > onceSize {
		t.Errorf("%d are remembered", n)
	}
}
