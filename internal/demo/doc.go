// Package demo makes up a year in a chain of four coffee bars and loads it into
// a workspace: members and guests, purchases with their baskets, returns,
// reviews, visits, corrections and merged memberships, with the rhythm of days,
// weeks and seasons.
//
// What always holds:
//   - the same seed and last day give the same year, to the byte, on every
//     machine: nothing here reads a clock or a random source;
//   - happenings come in the order of time, and each event passes the checks of
//     package event and has an id that is its own for ever;
//   - loading a year a second time adds nothing, and a load that was broken off
//     goes on where it stopped.
//
// It fits the program in programs/coffee. No person, card, address or telephone
// number in it is real.
package demo
