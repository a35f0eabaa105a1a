// Package disputes is what a case is, purely: its life as a table, the reasons for
// which one can be opened and what each needs to be shown, offers, decisions, and
// the clocks that run meanwhile. It knows no store, no web and no time but what it is
// given. What a case changes in its transaction, package broker says.
package disputes
