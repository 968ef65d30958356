package condition

import (
	"math"
	"math/bits"
	"time"

	"github.com/govalues/decimal"
)

// number compiles a node of type Int, Timestamp or Duration.
func (n *node) number() numberFunc {
	switch {
	case n.constant != nil:
		v := n.constant.number
		return func(Scope, *locals) (int64, error) { return v, nil }
	case n.isRead():
		read := n.read()
		return func(s Scope, l *locals) (int64, error) {
			v, err := read(s, l)
			return v.number, err
		}
	}
	switch n.op {
	case opTernary:
		return choose(n.args[0].bool(), n.args[1].number(), n.args[2].number())
	case opSum:
		return n.sumInts()
	case opSize:
		return n.size()
	case opFloor, opCeil:
		return n.wholeOf()
	case opNegate:
		f := n.args[0].number()
		return func(s Scope, l *locals) (int64, error) {
			v, err := f(s, l)
			if err == nil && v == math.MinInt64 {
				err = ErrOverflow
			}
			return -v, err
		}
	case opAdd, opSubtract, opMultiply, opDivide, opModulo, opMin, opMax:
		return binary(n.args[0].number(), n.args[1].number(), n.arithmetic())
	}
	return n.partOfMoment()
}

func binary[T any, F ~func(Scope, *locals) (T, error)](left, right F, combine func(a, b T) (T, error)) F {
	return func(s Scope, l *locals) (T, error) {
		x, err := left(s, l)
		if err != nil {
			return x, err
		}
		y, err := right(s, l)
		if err != nil {
			return y, err
		}
		return combine(x, y)
	}
}

// arithmetic is the operation on numbers of microseconds or whole numbers, with
// the range of the result's type.
func (n *node) arithmetic() func(a, b int64) (int64, error) {
	f := intOperations[n.op]
	lowest, highest := int64(math.MinInt64), int64(math.MaxInt64)
	switch n.typ.kind {
	case KindTimestamp:
		lowest, highest = firstMoment, lastMoment
	case KindDuration:
		lowest, highest = -maxDuration, maxDuration
	default:
		return f
	}
	return func(a, b int64) (int64, error) {
		v, err := f(a, b)
		if err == nil && (v < lowest || v > highest) {
			err = ErrOverflow
		}
		return v, err
	}
}

var intOperations = map[op]func(a, b int64) (int64, error){
	opAdd: addInts, opSubtract: subtractInts, opMultiply: multiplyInts,
	opDivide: divideInts, opModulo: moduloInts,
	opMin: func(a, b int64) (int64, error) { return min(a, b), nil },
	opMax: func(a, b int64) (int64, error) { return max(a, b), nil },
}

func addInts(a, b int64) (int64, error) {
	sum := a + b
	if (a < 0) == (b < 0) && (sum < 0) != (a < 0) {
		return 0, ErrOverflow
	}
	return sum, nil
}

func subtractInts(a, b int64) (int64, error) {
	difference := a - b
	if (a < 0) != (b < 0) && (difference < 0) != (a < 0) {
		return 0, ErrOverflow
	}
	return difference, nil
}

func multiplyInts(a, b int64) (int64, error) {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	negative := (a < 0) != (b < 0)
	switch {
	case high != 0, low > 1<<63, low == 1<<63 && !negative:
		return 0, ErrOverflow
	case negative:
		return -int64(low), nil
	}
	return int64(low), nil
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

func divideInts(a, b int64) (int64, error) {
	switch {
	case b == 0:
		return 0, ErrDivisionByZero
	case a == math.MinInt64 && b == -1:
		return 0, ErrOverflow
	}
	return a / b, nil
}

func moduloInts(a, b int64) (int64, error) {
	switch {
	case b == 0:
		return 0, ErrDivisionByZero
	case a == math.MinInt64 && b == -1:
		return 0, ErrOverflow
	}
	return a % b, nil
}

// wholeOf compiles floor and ceil.
func (n *node) wholeOf() numberFunc {
	f, round := n.args[0].decimal(), decimal.Decimal.Floor
	if n.op == opCeil {
		round = decimal.Decimal.Ceil
	}
	return func(s Scope, l *locals) (int64, error) {
		d, err := f(s, l)
		if err != nil {
			return 0, err
		}
		whole, _, ok := round(d, 0).Int64(0)
		if !ok {
			return 0, ErrOverflow
		}
		return whole, nil
	}
}

// momentParts read a moment in its zone. Months, days of the month as getDate
// counts them and days of the week begin where CEL begins them: January is 0,
// getDate and the day of the month differ by one, Sunday is 0.
var momentParts = map[op]func(t time.Time) int{
	opYear:         time.Time.Year,
	opMonth:        func(t time.Time) int { return int(t.Month()) - 1 },
	opDate:         time.Time.Day,
	opDayOfMonth:   func(t time.Time) int { return t.Day() - 1 },
	opDayOfWeek:    func(t time.Time) int { return int(t.Weekday()) },
	opDayOfYear:    func(t time.Time) int { return t.YearDay() - 1 },
	opHours:        time.Time.Hour,
	opMinutes:      time.Time.Minute,
	opSeconds:      time.Time.Second,
	opMilliseconds: func(t time.Time) int { return t.Nanosecond() / int(time.Millisecond) },
}

func (n *node) partOfMoment() numberFunc {
	f, part, zone := n.args[0].number(), momentParts[n.op], n.zone
	return func(s Scope, l *locals) (int64, error) {
		us, err := f(s, l)
		if err != nil {
			return 0, err
		}
		return int64(part(time.UnixMicro(us).In(zone))), nil
	}
}

// decimal compiles a node of type Decimal.
func (n *node) decimal() decimalFunc {
	switch {
	case n.constant != nil:
		d := n.constant.Decimal()
		return func(Scope, *locals) (decimal.Decimal, error) { return d, nil }
	case n.isRead():
		read := n.read()
		return func(s Scope, l *locals) (decimal.Decimal, error) {
			v, err := read(s, l)
			if err != nil {
				return decimal.Decimal{}, err
			}
			return v.Decimal(), nil
		}
	}
	switch n.op {
	case opToDecimal:
		f := n.args[0].number()
		return func(s Scope, l *locals) (decimal.Decimal, error) {
			v, err := f(s, l)
			return wholeDecimal(v), err
		}
	case opTernary:
		return choose(n.args[0].bool(), n.args[1].decimal(), n.args[2].decimal())
	case opNegate:
		f := n.args[0].decimal()
		return func(s Scope, l *locals) (decimal.Decimal, error) {
			d, err := f(s, l)
			return d.Neg(), err
		}
	case opSum:
		return n.sumDecimals()
	}
	return binary(n.args[0].decimal(), n.args[1].decimal(), decimalOperations[n.op])
}

// wholeDecimal never fails: every int64 has at most 19 digits.
func wholeDecimal(v int64) decimal.Decimal { return decimal.MustNew(v, 0) }

var decimalOperations = map[op]func(a, b decimal.Decimal) (decimal.Decimal, error){
	opAdd:      checkedDecimal(decimal.Decimal.Add),
	opSubtract: checkedDecimal(decimal.Decimal.Sub),
	opMultiply: checkedDecimal(decimal.Decimal.Mul),
	opDivide:   divideDecimals,
	opMin:      func(a, b decimal.Decimal) (decimal.Decimal, error) { return a.Min(b), nil },
	opMax:      func(a, b decimal.Decimal) (decimal.Decimal, error) { return a.Max(b), nil },
}

// checkedDecimal gives the library's only failure, overflow, our name.
func checkedDecimal(f func(a, b decimal.Decimal) (decimal.Decimal, error)) func(a, b decimal.Decimal) (decimal.Decimal, error) {
	return func(a, b decimal.Decimal) (decimal.Decimal, error) {
		d, err := f(a, b)
		if err != nil {
			return decimal.Decimal{}, ErrOverflow
		}
		return d, nil
	}
}

func divideDecimals(a, b decimal.Decimal) (decimal.Decimal, error) {
	if b.IsZero() {
		return decimal.Decimal{}, ErrDivisionByZero
	}
	d, err := a.Quo(b)
	if err != nil {
		return decimal.Decimal{}, ErrOverflow
	}
	return d, nil
}
