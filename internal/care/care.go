// Package care is the vocabulary of social care and its rules: mentions, cases
// and the events that happen to a case.
//
// Nothing here performs I/O or reads a clock. A [Case] is built by folding its
// [Record]s in order; a change is decided by a method on Case that returns the
// [Event]s to append, and happens only once those events are in the log.
//
// Personal content (texts, handles, names, a network's own ids) is never in an
// event. It lives in documents ([Mention], [Text]), which can be erased; the
// log has our ids, times, decisions and a keyed hash of the author.
package care
