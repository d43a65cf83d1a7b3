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
	Msg   Phrase // a whole sentence, safe to show
	With  []any  // what fills its places, as [Sentence] has it
	Err   error  // cause, for the log only
}

// Says is what the person is told.
func (e *Error) Says() Sentence { return Sentence{e.Msg, e.With} }

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Says().String() + " (" + e.Err.Error() + ")"
	}
	return e.Says().String()
}

func (e *Error) Unwrap() error { return e.Err }

func conflict(msg Phrase, with ...any) error { return &Error{Code: Conflict, Msg: msg, With: with} }

func invalid(field string, msg Phrase, with ...any) error {
	return &Error{Code: Invalid, Field: field, Msg: msg, With: with}
}
