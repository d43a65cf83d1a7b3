// Package watch looks at what comes in more closely than judging every mention
// allows, and proposes; it never decides.
//
// Depth is one such look, at flagged mentions only: which sentence weighs most,
// whom it names, what it is about. It is worked out when somebody opens the case
// and kept in memory for a while; there is no document of it, so an erasure has
// nothing to find here. Nothing of a text is ever logged.
package watch
