// Package report turns the log into figures that can be trusted: response
// times, promises, volume, quality of flagging, customers' voice, the balance
// of work. docs/metrics.md defines each of them.
//
// A [Fold] takes records in log order and keeps compact facts; a figure is a
// pure function over those facts and a [Query]. The same position and the same
// query give the same bytes, on every machine. Every number carries how many
// cases it is made of, and [Fold.Open] lists exactly those.
//
// It owns nothing on disk. It reads no clock, no configuration and no
// document, so an erasure changes no figure. It never tells how quick a person
// is, and never ranks people.
package report
