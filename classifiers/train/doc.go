// Package train makes the weights of classifiers/linear from labelled texts and
// measures them, in Go alone and the same way every time for a seed.
//
// It owns the reading of the data sets and the solver. It never ships a text: a
// model holds weights only.
package train
