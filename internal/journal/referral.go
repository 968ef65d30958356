package journal

import (
	"premia/internal/core/code"
	"premia/internal/core/ledger"
)

// referralPattern is that of the codes by which members bring others: with fifteen
// characters there is one for each number that a member can have.
const referralPattern = "#####-#####-#####"

// referrals makes the codes of members. A maker is used by one goroutine.
func (k keyring) referrals() *code.Maker {
	pattern, err := code.Parse(referralPattern)
	if err != nil {
		panic(err) // it is written above
	}
	maker, err := code.NewMaker(pattern, k.secret)
	if err != nil {
		panic(err) // only a key of a wrong length could fail
	}
	return maker
}

// ReferralCode gives the code by which the member brings others: the same one
// always, and without the workspace's secret nobody can tell the code of another
// member, or the number.
func (j *Journal) ReferralCode(m ledger.MemberID) string { return j.keys.referrals().Make(int64(m)) }

// ReferredBy gives the number of the member whose code it is; ok is false for what
// is no code. Whether there is such a member is not asked.
func (j *Journal) ReferredBy(text string) (m ledger.MemberID, ok bool) {
	number, ok := j.keys.referrals().Number(code.Normal(text))
	return ledger.MemberID(number), ok && number != 0
}
