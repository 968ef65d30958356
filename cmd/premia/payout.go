package main

import (
	"fmt"
	"os"
	"text/tabwriter"

	"premia/internal/app"
	"premia/internal/core/bank"
	"premia/internal/core/money"
	"premia/internal/store"
)

// payoutCommand is what can be done with pay-outs to members' bank accounts.
type payoutCommand struct {
	Create  payoutCreate  `cmd:"" help:"Make a batch of all ordered pay-outs that are in none."`
	Export  payoutExport  `cmd:"" help:"Write a batch as a file for the bank."`
	List    payoutList    `cmd:"" help:"List the batches, and what waits for one."`
	Settle  payoutSettle  `cmd:"" help:"Say which pay-outs of a batch were sent and which failed."`
	Account payoutAccount `cmd:"" help:"Set the business's account, from which is paid."`
}

// payoutCreate makes a batch.
type payoutCreate struct {
	DB string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	ID string `name:"id" help:"The batch's id, at most 35 letters, digits and hyphens. The same command with the same id goes on with a batch that was stopped, and takes no more."`
}

// Run makes it.
func (c *payoutCreate) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		b, err := a.CreatePayoutBatch(t.ctx, c.ID)
		if err != nil {
			return err
		}
		count, sum := b.Sum(store.PayoutReady)
		fmt.Fprintf(t.out, "The batch %s has %s pay-outs, %s in all.\n", b.ID, grouped(count), moneyIn(a, sum))
		if dropped, _ := b.Sum(store.PayoutDropped); dropped > 0 {
			fmt.Fprintf(t.out, "%s were given back before, or have no account any more, and are not paid.\n", grouped(dropped))
		}
		return nil
	})
}

func moneyIn(a *app.App, minor int64) string {
	p := a.Program()
	if p == nil {
		return fmt.Sprint(minor)
	}
	return money.Format(minor, p.Currency.Scale) + " " + p.Currency.Code
}

// ownAccount is the business's own account.
type ownAccount struct {
	Name string `help:"Who holds the account."`
	IBAN string `name:"iban" help:"Its number."`
	BIC  string `name:"bic" help:"Its bank; needed only where the IBAN does not say it."`
}

// payoutAccount sets the account.
type payoutAccount struct {
	DB         string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	ownAccount `embed:""`
}

// Run sets it.
func (c *payoutAccount) Run(t *terminal) error {
	from, err := app.CheckedAccount(c.Name, c.IBAN, c.BIC)
	if err != nil {
		return usagef("%v", err)
	}
	return withApp(t, c.DB, func(a *app.App) error {
		if err := a.SetPayoutAccount(t.ctx, from); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "Pay-outs are paid from %s, %s.\n", from.IBAN.Masked(), from.Name)
		return nil
	})
}

// payoutExport writes a batch.
type payoutExport struct {
	DB         string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	Format     string `enum:"pain.001,csv" default:"pain.001" help:"pain.001 (ISO 20022, version pain.001.001.09) or csv (${default})."`
	Out        string `help:"The file; the standard output if not said."`
	Day        string `help:"The date on which the bank is to pay, such as 2026-03-02; the batch's if not said."`
	ownAccount `embed:""`
	Batch      string `arg:"" help:"The batch's id."`
}

// Run writes it, from the account of the flags or, without them, of the settings.
func (c *payoutExport) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		from, err := c.from(t, a)
		if err != nil {
			return err
		}
		order, err := a.PayoutOrder(t.ctx, c.Batch, from, c.Day)
		if err != nil {
			return err
		}
		write := order.XML
		if c.Format == "csv" {
			write = order.CSV
		}
		file, err := write()
		if err != nil {
			return err
		}
		if c.Out == "" {
			_, err = t.out.Write(file)
			return err
		}
		if err := os.WriteFile(c.Out, file, 0o600); err != nil {
			return err
		}
		sum, err := order.Sum()
		fmt.Fprintf(t.out, "%s: %s pay-outs, control sum %s.\n", c.Out, grouped(int64(len(order.Transfers))), moneyIn(a, sum))
		return err
	})
}

func (c *payoutExport) from(t *terminal, a *app.App) (bank.Account, error) {
	if c.Name+c.IBAN+c.BIC == "" {
		return a.PayoutAccount(t.ctx)
	}
	from, err := app.CheckedAccount(c.Name, c.IBAN, c.BIC)
	if err != nil {
		return from, usagef("%v", err)
	}
	return from, nil
}

// payoutList lists batches.
type payoutList struct {
	DB string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
}

// Run lists them.
func (c *payoutList) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		waiting, err := a.OrderedPayouts(t.ctx)
		if err != nil {
			return err
		}
		all, err := a.PayoutBatches(t.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "BATCH\tCREATED\tTO PAY\tSENT\tFAILED\tDROPPED\tSUM")
		for i := range all {
			b := &all[i]
			ready, _ := b.Sum(store.PayoutTaken, store.PayoutReady)
			sent, _ := b.Sum(store.PayoutSent)
			failed, _ := b.Sum(store.PayoutFailed)
			dropped, _ := b.Sum(store.PayoutDropped)
			_, sum := b.Sum(store.PayoutTaken, store.PayoutReady, store.PayoutSent)
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%s\n", b.ID, b.Created, ready, sent, failed, dropped, moneyIn(a, sum))
		}
		if err := w.Flush(); err != nil {
			return err
		}
		sum := int64(0)
		for i := range waiting {
			sum += waiting[i].Amount
		}
		fmt.Fprintf(t.out, "%s pay-outs wait for a batch, %s in all.\n", grouped(int64(len(waiting))), moneyIn(a, sum))
		return nil
	})
}

// payoutSettle settles a batch.
type payoutSettle struct {
	DB     string   `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	Failed []string `help:"The pay-outs that failed, by redemption or end-to-end id; all others were sent."`
	Batch  string   `arg:"" help:"The batch's id."`
}

// Run settles it.
func (c *payoutSettle) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		b, err := a.SettlePayouts(t.ctx, c.Batch, c.Failed)
		if err != nil {
			return err
		}
		sent, sum := b.Sum(store.PayoutSent)
		failed, back := b.Sum(store.PayoutFailed)
		fmt.Fprintf(t.out, "%s pay-outs were sent, %s; %s failed, %s, and can be refunded.\n", grouped(sent), moneyIn(a, sum), grouped(failed), moneyIn(a, back))
		return nil
	})
}
