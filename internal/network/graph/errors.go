package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// A Code is Meta's own number for a refusal.
type Code int

func (c Code) Error() string { return fmt.Sprintf("code %d", int(c)) }

// Said is the code in an error, or 0.
func Said(err error) Code {
	c, _ := errors.AsType[Code](err)
	return c
}

// usualWait is how long to wait when Meta doesn't say; its windows slide.
const usualWait = 5 * time.Minute

// refine reads Meta's errors. Most come with a 400, whatever they mean.
func refine(resp *http.Response, body []byte, e *network.Error) {
	var said struct {
		Error struct {
			Code      int  `json:"code"`
			Subcode   int  `json:"error_subcode"`
			Transient bool `json:"is_transient"`
		}
	}
	if json.Unmarshal(body, &said) != nil || said.Error.Code == 0 {
		return
	}
	code, words := said.Error.Code, ""
	switch {
	case code == 4 || code == 17 || code == 32 || code == 613 || code == 341 || code >= 80000 && code < 80100:
		e.Fault, e.Unsent, words = network.Limited, true, "too many calls"
		if u, _ := usage(resp.Header); u.regain > 0 {
			e.After = u.regain
		} else if e.After == 0 {
			e.After = usualWait
		}
	case code == 190 || code == 102:
		e.Fault, words = network.Refused, "the token has ended or was taken back"
	case code == 10 && (said.Error.Subcode == 2018278 || said.Error.Subcode == 2534022) || code == 10901:
		e.Fault, words = network.Malformed, "the time for a private answer is over"
	case code == 10900:
		e.Fault, words = network.Malformed, "it was answered in private before"
	case code == 10903:
		e.Fault, words = network.Malformed, "its author can't be answered in private"
	case code == 10 || code == 3 || code >= 200 && code < 300:
		e.Fault, words = network.Refused, "a permission is missing"
	case code == 368:
		e.Fault, words = network.Refused, "Meta has blocked this for a breach of its rules"
	case code == 100 && said.Error.Subcode == 33 || code == 803:
		e.Fault, words = network.Gone, "it is not there, or not shown to us"
	case code == 506:
		e.Fault, words = network.Malformed, "the same was posted before"
	case code == 1 || code == 2 || said.Error.Transient:
		e.Fault, words = network.Transient, "a failure at Meta"
		if e.Status < 500 {
			e.Status = http.StatusServiceUnavailable // a write may have taken place
		}
	}
	e.Err = network.Explain(fmt.Sprintf("%s (code %d, subcode %d)", words, code, said.Error.Subcode), Code(code))
	if words == "" {
		e.Err = network.Explain(fmt.Sprintf("code %d, subcode %d", code, said.Error.Subcode), Code(code))
	}
}

// Unlisted is the error of an answer that holds no list.
func Unlisted() error {
	return network.Malformed.Because("the answer is no list")
}
