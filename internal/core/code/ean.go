package code

// CheckDigit gives the last digit of a number of GS1, such as EAN-13: the others are
// weighed from the right by 3 and 1 in turn, as GS1 General Specifications, section
// 7.9, say.
func CheckDigit(digits string) byte {
	sum := 0
	for i := range len(digits) {
		weight := 3
		if (len(digits)-i)%2 == 0 {
			weight = 1
		}
		sum += weight * int(digits[i]-'0')
	}
	return byte('0' + (10-sum%10)%10)
}
