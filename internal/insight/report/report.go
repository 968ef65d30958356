// Package report is what a program came to by a moment: members, purchases, and
// where the value stands that its rules gave. The live report and the
// simulation fill the same [Builder], from decisions and members' states in any
// order, so that equal histories give reports that are equal to the byte.
//
// What always holds, for each rule and wallet: what was issued is what is
// pending, available and held, plus what expired, was spent, was withdrawn, paid
// a debt or is in transit. All amounts come from postings that count by the
// report's moment.
package report

import (
	"encoding/json"
	"fmt"

	"premia/internal/core/money"
)

// Amount is a number of minor units with its decimals. In JSON it is a decimal
// string.
type Amount struct {
	Minor int64
	Scale int
}

// String writes the amount with all its decimals.
func (a Amount) String() string { return money.Format(a.Minor, a.Scale) }

// MarshalText writes the amount as in JSON.
func (a Amount) MarshalText() ([]byte, error) { return money.Append(nil, a.Minor, a.Scale), nil }

// less gives the difference from another amount of the same unit.
func (a Amount) less(b Amount) Amount { return Amount{a.Minor - b.Minor, a.Scale} }

// Report is what a program came to by a moment.
type Report struct {
	// AsOf is the moment in RFC 3339, UTC: what counts until then is in.
	AsOf     string `json:"as_of"`
	Currency string `json:"currency"`
	// Members are those who had enrolled by the moment and have not been merged
	// into another or erased since.
	Members int64 `json:"members"`
	// Purchases and Returns are members'; GuestPurchases and GuestReturns were
	// recorded without a member.
	Purchases      int64    `json:"purchases"`
	PurchaseTotal  Amount   `json:"purchase_total"`
	Returns        int64    `json:"returns"`
	GuestPurchases int64    `json:"guest_purchases"`
	GuestTotal     Amount   `json:"guest_total"`
	GuestReturns   int64    `json:"guest_returns"`
	Wallets        []Wallet `json:"wallets"`
	// Rules are the earning rules and Campaigns the campaigns of all programs
	// that were live, in the order of their names; Others is what operators gave
	// and took, and debts on their own.
	Rules     []Rule   `json:"rules"`
	Campaigns []Rule   `json:"campaigns"`
	Others    []Rule   `json:"others"`
	Budgets   []Budget `json:"budgets"`
	// Rewards are those of all programs that were live, in the order of their
	// names.
	Rewards []Reward `json:"rewards"`
	// Discounts are what promotions and codes took off, in the order of their names.
	Discounts []Discount `json:"discounts"`
	// GiftCards are the value on gift cards, by currency; absent where the program has
	// none.
	GiftCards []GiftCards `json:"gift_cards,omitempty"`
	// Goals are the challenges, stamp cards and streaks of all programs that were
	// live, in the order of their names; absent where there are none.
	Goals []Goal `json:"goals,omitempty"`
	// Leaderboards are those of all programs that were live, in the order of their
	// names; absent where there are none.
	Leaderboards []Leaderboard `json:"leaderboards,omitempty"`
	// Offers and Contests are those of all programs that were live; absent where there
	// are none.
	Offers   []Offer   `json:"offers,omitempty"`
	Contests []Contest `json:"contests,omitempty"`
	// Referrals is what came of members who brought others; absent where nobody
	// was brought.
	Referrals *Referrals `json:"referrals,omitempty"`
	// Ambassadors is what came of links; absent in programs without commissions, where
	// nothing came of any, and in simulations, whose histories have no clicks.
	Ambassadors *Ambassadors `json:"ambassadors,omitempty"`
	// ReturnedGoods is what came of returns beside what they took back.
	ReturnedGoods ReturnedGoods `json:"returned_goods"`
	// Tiers is how many members have which level; absent in programs without ladders.
	Tiers []Ladder `json:"tiers,omitempty"`
}

// Value is where the value stands that came from somewhere.
type Value struct {
	Issued    Amount `json:"issued"`
	Pending   Amount `json:"pending"`
	Available Amount `json:"available"`
	Held      Amount `json:"held"`
	Expired   Amount `json:"expired"`
	Spent     Amount `json:"spent"`
	Withdrawn Amount `json:"withdrawn"`
}

// Wallet is the value of all members in one wallet.
type Wallet struct {
	Wallet string `json:"wallet"`
	Value
	// Debt is what members owe, as a positive amount.
	Debt Amount `json:"debt"`
	// Transit is on its way between members.
	Transit Amount `json:"transit"`
	// Transferred is what members gave to others, less what came back.
	Transferred Amount `json:"transferred"`
	// Outstanding is what members could still spend: pending, available and
	// held.
	Outstanding Amount `json:"outstanding"`
	// Undone is what had been earned with goods that came back, and TakenBack what
	// was taken back of it: the rest had expired, or was forgiven.
	Undone    Amount `json:"undone_by_returns"`
	TakenBack Amount `json:"taken_back"`
	// Liability is the worth of what is outstanding, in the currency, rounded half
	// to even; absent where the wallet has no worth.
	Liability *Amount `json:"liability,omitempty"`
}

// Rule is what one rule or campaign did.
type Rule struct {
	Rule string `json:"rule"`
	// Times is in how many decisions it gave something.
	Times   int64       `json:"times"`
	Wallets []RuleValue `json:"wallets"`
}

// RuleValue is the value that one rule gave in one wallet, lot by lot.
type RuleValue struct {
	Wallet string `json:"wallet"`
	Value
	// PaidDebts is what of it paid members' debts; below zero where debts were
	// made.
	PaidDebts Amount `json:"paid_debts"`
	Transit   Amount `json:"transit"`
	// CutByBudgets is what it would have given more without its budgets.
	CutByBudgets Amount `json:"cut_by_budgets"`
	// Undone and TakenBack are as in [Wallet].
	Undone    Amount `json:"undone_by_returns"`
	TakenBack Amount `json:"taken_back"`
}

// Reward is how often one reward was redeemed.
type Reward struct {
	Reward string `json:"reward"`
	// Redeemed is how often it became final, Refunded how often that was undone.
	Redeemed int64 `json:"redeemed"`
	Refunded int64 `json:"refunded"`
	// Given is how many the rules gave without a price, TakenBack how many of these
	// went back.
	Given     int64 `json:"given"`
	TakenBack int64 `json:"taken_back"`
	// Spent is what members paid for it, less what was given back.
	Spent []Spent `json:"spent"`
	// Cost is what those that were not refunded or taken back cost the business, and Worth what
	// they were worth to members, by what the program says of one; absent if it
	// says nothing.
	Cost  *Amount `json:"cost,omitempty"`
	Worth *Amount `json:"worth,omitempty"`
}

// Spent is an amount of a wallet.
type Spent struct {
	Wallet string `json:"wallet"`
	Amount Amount `json:"amount"`
}

// JSON writes the report for machines, in its one form, with a line feed at the
// end.
func (r *Report) JSON() ([]byte, error) {
	out, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return append(out, '\n'), nil
}
