package web

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
)

const (
	// packFrom is the smallest answer that is packed, in bytes: below it a packet
	// carries it either way.
	packFrom = 2 << 10
	// jitter is how many bytes are added at most, so that a length tells less.
	jitter = 64
)

// packed sends what the API answers to reads by gzip, where the browser takes it.
//
// Packing leaks: who sees the lengths of answers (BREACH) can guess a secret
// that stands in one beside words of his own choosing. So only answers that hold
// no secret are packed: reads of the API. Session and API tokens are never in
// those, and are given in answers to writes; pages, with their forms, are sent as
// they are; a cookie is only ever a header. What strangers post does stand
// beside what customers told us in confidence, and no browser of an agent asks
// for it on another site's behalf (the cookie is same-site, and so are our
// answers); still the length is blurred. Live events are not packed either: each
// has to leave at once.
func packed(next http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(packFrom), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false),
		gzhttp.ContentTypes([]string{"application/json", "application/openapi+json"}), gzhttp.RandomJitter(jitter, 0, false))
	if err != nil {
		return nil, err
	}
	pack := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, apiPath+"/") && !streams(r) {
			pack(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}), nil
}
