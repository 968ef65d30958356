// Package condition is the language of a program's conditions and formulas:
// typed CEL without doubles, checked by cel-go and compiled to closures of our
// own.
//
// It owns the environment that an expression is written against ([Env]), the
// compiled expression ([Expression]), its errors ([Error]) and its description
// in words ([Expression.Words], catalogue in [Words]). It does no I/O and knows
// no clock; the facts come from a [Scope].
//
// What always holds:
//   - An expression has one static type; an evaluation gives a value of that
//     type or an error, it never panics and never runs longer than [MaxCost]
//     allows.
//   - No number is binary floating point. A literal with a point or an exponent
//     is an exact decimal taken from its text; a literal that has no exact
//     decimal is refused.
//   - Decimal arithmetic keeps 19 significant digits. + - * are exact where the
//     exact result has at most 19 digits and are otherwise, like / always,
//     rounded half to even to 19 digits and at most 19 decimal places
//     (github.com/govalues/decimal). A whole part of more than 19 digits and a
//     division by zero are evaluation errors. Whole numbers are 64 bits wide,
//     their / cuts toward zero, and overflow is an evaluation error.
//   - Moments and durations are whole microseconds. The parts of a moment
//     (getHours, getDayOfWeek, …) are those in the environment's time zone.
//   - && and || absorb errors as CEL defines it: false && error is false, true
//     || error is true, on either side; exists and all do the same.
//   - An absent value is an error of type [*Absent] wherever it is read, except
//     in has().
//   - Evaluating an expression allocates nothing, except that lowerAscii copies
//     a string with capitals and that decimals of more than 19 digits on the way
//     need room.
package condition
