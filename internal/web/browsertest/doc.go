// Package browsertest holds no code: its tests drive the console in a real
// browser, Debian's chromium, over the real program. They are a module of their
// own so that what they need is not in the program's go.sum.
package browsertest
