package network

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// DecodeJSON reads one JSON value, and nothing after it, from an answer and
// closes it. The transport bounds its size. Every error is an [*Error] whose
// text quotes nothing of the answer.
func DecodeJSON(resp *http.Response, into any) error {
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		e := Typed(err)
		if typed, ok := errors.AsType[*Error](e); ok && typed.Status == 0 {
			typed.Unsent = false // an answer began, so the request had arrived
		}
		return e
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return Malformed.Because("the answer is empty")
	}
	if err := json.Unmarshal(b, into); err != nil {
		return &Error{Fault: Malformed, Err: describeJSON(err)}
	}
	return nil
}

// describeJSON says where JSON is wrong without quoting it.
func describeJSON(err error) error {
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		return Explain(fmt.Sprintf("the answer is not JSON at byte %d", s.Offset))
	}
	if u, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return Explain(fmt.Sprintf("the answer has another form than expected: %q is no %v", u.Field, u.Type))
	}
	return Explain(fmt.Sprintf("the answer can't be read (%T)", err))
}
