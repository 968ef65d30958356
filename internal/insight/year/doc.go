// Package year makes up a year in the shop of a program, decides it under the
// program, and says what the program costs as a share of sales.
//
// A folder holds the program, its catalogue.csv (what the shop sells, at which
// prices) and its year.yaml (who comes how often, and what they do). What always
// holds: the same folder and seed give the same year, to the byte, on every machine;
// happenings come in the order of time, and each passes the checks of package event.
// No person in it is real.
package year
