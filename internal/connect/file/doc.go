// Package file reads events from the files that shops have: exports of orders,
// as CSV or as lines of JSON, plain or compressed with gzip. A mapping, a
// document of its own, says which column is what, how lines make up one event
// and what to do with odd ones; without a mapping a file holds Premia's own
// events, one JSON object a line.
//
// The package owns the form of mappings and the reading of files. What always
// holds:
//   - memory is bounded, whatever the file: by the lines that one event may span,
//     plus eight to sixteen bytes for each event of a file whose lines are grouped;
//   - every line ends up in exactly one place: in an event, among those left out
//     (and counted), or as a [Reject] with its line number and the reason. An
//     event of which one line is wrong is rejected whole, since the rest of it
//     would be a purchase that never happened;
//   - events come in the order of their first lines, the same on every machine;
//   - an event that is given satisfies [event.Event.Check] and the program's
//     declaration of its type.
package file
