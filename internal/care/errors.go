package care

// A Code is the class of an [Error]; an adapter turns it into a status.
type Code string

// The codes.
const (
	Invalid  Code = "invalid"
	NotFound Code = "not_found"
	Conflict Code = "conflict"
	Denied   Code = "denied"
	// Unavailable: somebody else can't do their part just now, a network for one.
	Unavailable Code = "unavailable"
)

// An Error is a failure that may be shown to the person who caused it. Any
// other error is internal: it is logged in full and shown as "internal error".
type Error struct {
	Code  Code
	Field string // form field at fault, if one is
	Msg   string // a whole sentence, safe to show
	Err   error  // cause, for the log only
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Msg + " (" + e.Err.Error() + ")"
	}
	return e.Msg
}

func (e *Error) Unwrap() error { return e.Err }

func conflict(msg string) error { return &Error{Code: Conflict, Msg: msg} }

func invalid(field, msg string) error { return &Error{Code: Invalid, Field: field, Msg: msg} }
