package condition

// The bounds of an expression. An ordinary one takes well under a microsecond;
// the worst that the bounds let pass, a regular expression over a thousand long
// strings, takes some tenths of a second.
const (
	// MaxSourceLength is the greatest length of an expression in bytes.
	MaxSourceLength = 4096
	// MaxDepth is how deeply an expression may nest.
	MaxDepth = 64
	// MaxLoops is how deeply exists, all, map, filter and exists_one may nest.
	MaxLoops = 4
	// MaxListLength is the greatest number of elements of a list; reading a
	// longer one is an evaluation error.
	MaxListLength = 1000
	// MaxStringLength is the length in bytes of a string from the Scope that the
	// cost is reckoned with.
	MaxStringLength = 1000
	// MaxCost is the greatest cost of an expression: the number of steps that it
	// takes in the worst case, every list and string having its greatest length.
	MaxCost = 1_000_000
)
