package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"premia/internal/testkit"
)

// TestSimulateOnlineRetail takes a real shop's year through its program and
// compares with numbers that were reckoned elsewhere: the points are the sum of
// each invoice's total rounded down, and of 11,421 points that the campaign
// would give, its budget leaves 5,000.
func TestSimulateOnlineRetail(t *testing.T) {
	data := testkit.Data(t, "online_retail.csv.gz")
	programs := filepath.Join(testkit.RepoRoot(t), "programs", "online-retail")
	var out, errOut bytes.Buffer
	code := run([]string{"simulate", "--program", filepath.Join(programs, "program.yaml"),
		"--map", filepath.Join(programs, "mapping.yaml"), "--events", data, "--json"}, nil, &out, &errOut)
	if code != exitOK {
		t.Fatalf("it exits with %d: %s", code, &errOut)
	}
	type value struct{ Wallet, Issued, Cut_by_budgets string }
	type rule struct {
		Rule    string
		Times   int
		Wallets []value
	}
	var got struct {
		Members, Purchases, Returns, Guest_returns int
		Purchase_total                             string
		Rules, Campaigns                           []rule
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Members != 4_339 || got.Purchases != 18_536 || got.Returns+got.Guest_returns != 3_654 || got.Purchase_total != "8911407.904" {
		t.Errorf("the report says %+v", got)
	}
	if r := got.Rules[0]; r.Wallets[0].Issued != "8902670" {
		t.Errorf("the rule gave %+v", r)
	}
	if c := got.Campaigns[0]; c.Wallets[0].Issued != "5000" || c.Wallets[0].Cut_by_budgets != "6421" {
		t.Errorf("the campaign gave %+v", c)
	}
	if want := "no members in the end, because nothing of theirs enrolled them: 33."; !bytes.Contains(errOut.Bytes(), []byte(want)) {
		t.Errorf("it does not say %q, but\n%s", want, &errOut)
	}
}
