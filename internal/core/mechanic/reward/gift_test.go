package reward_test

import "testing"

// What rules give of the catalogue, and what becomes of it when goods go back, is
// told by the scenarios of a program, and to members in four languages.
func TestGifts(t *testing.T) { checkKinds(t, "gifts") }
