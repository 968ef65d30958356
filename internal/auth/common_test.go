package auth

import "testing"

func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	if n := len(commonOnes()); n < 40_000 {
		t.Fatalf("there are only %d common passwords", n)
	}
	for password, common := range map[string]bool{
		"correct horse battery staple": false, "kot je rano zielone liście": false, "Tři bílé kočky na střeše": false, "x7!kQ-mm20pL": false, "anna lubi trzy zielone koty": false,
		"qwerty123456": true, "QWERTY123456": true, "password2026!": true, "!!!Password1234": true, "passwordpassword": true, "monkey1monkey1": true,
		"abcdefghijkl": true, "123456789012": true, "zyxwvutsrqpo": true, "aaaaaaaaaaaa": true, "121212121212": true,
		"AnnaNowak2026": true, "anna.nowak@example": true, "beanclub-2026": true, "BeanClubAnna12": true, "1qaz2wsx3edc": true,
	} {
		if err := CheckCommon(password, "Anna Nowak", "anna.nowak@example.com", "Bean Club"); (err != nil) != common {
			t.Errorf("%q: %v", password, err)
		}
	}
}
