// Package archtest holds the rules of the house, as tests: which package may
// import which, what the core must never do, how big a function may grow, what
// every package says about itself. The rules read the source and run nothing.
// Each rule is itself tested against a small tree that breaks it.
package archtest
