package xtest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// signedBy says who signed a request: our account by OAuth 1.0a, the app by its
// own token, or nobody (empty).
func signedBy(r *http.Request) string {
	kind, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case kind == "Bearer" && rest == Bearer:
		return "app"
	case kind == "OAuth" && signatureHolds(r, rest):
		return "account"
	}
	return ""
}

// signatureHolds makes the signature anew, as RFC 5849 says.
func signatureHolds(r *http.Request, header string) bool {
	given := map[string]string{}
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		value, err := url.PathUnescape(strings.Trim(value, `"`))
		if err != nil {
			return false
		}
		given[name] = value
	}
	if given["oauth_consumer_key"] != ConsumerKey || given["oauth_token"] != AccessToken || given["oauth_signature_method"] != "HMAC-SHA1" ||
		given["oauth_nonce"] == "" || given["oauth_timestamp"] == "" {
		return false
	}
	pairs := []string{}
	for k, v := range given {
		if k != "oauth_signature" && k != "realm" {
			pairs = append(pairs, percent(k)+"="+percent(v))
		}
	}
	params := r.URL.Query()
	if r.Form != nil {
		params = r.Form
	}
	for k, values := range params {
		for _, v := range values {
			pairs = append(pairs, percent(k)+"="+percent(v))
		}
	}
	slices.Sort(pairs)
	base := strings.ToUpper(r.Method) + "&" + percent(r.URL.Scheme+"://"+r.URL.Host+r.URL.Path) + "&" + percent(strings.Join(pairs, "&"))
	mac := hmac.New(sha1.New, []byte(percent(ConsumerSecret)+"&"+percent(AccessSecret)))
	mac.Write([]byte(base))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil)) == given["oauth_signature"]
}

// percent writes all but letters, digits and - . _ ~ by their bytes.
func percent(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
