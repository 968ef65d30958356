package app

// Contrast measures two colours, in hundredths.
func Contrast(a, b string) int64 {
	x, err := parseColour(a)
	if err != nil {
		return 0
	}
	y, err := parseColour(b)
	if err != nil {
		return 0
	}
	return contrast(x, y)
}
