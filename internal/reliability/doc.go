// Package reliability holds what Premia promises against machines that fail: its
// tests kill servers and databases under load, cut connections, fill disks, move
// clocks and race for the last points of a budget, and then count. What always
// holds: an event that was acknowledged is in the journal exactly once, decided
// as it was answered; nothing else gave or took value; the journal, the balances
// and the budgets agree.
//
// Most of them run the real program on real databases. A few rounds are made by
// default and many with PREMIA_LONG=1; PREMIA_SEED repeats a run that failed,
// as far as the machine lets it.
package reliability
