package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"premia/internal/app"
	"premia/internal/connect/file"
	"premia/internal/store"
)

// importPrices keeps the prices of files: all, or none where one line is wrong.
type importPrices struct {
	DB      string   `name:"db" required:"" help:"The workspace's database: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE."`
	Channel string   `help:"The channel of lines that name none; without it their prices hold wherever there is none of its own."`
	JSON    bool     `name:"json" help:"Print the summary as JSON."`
	Files   []string `arg:"" name:"file" help:"CSV files with the columns sku, channel, time, regular_price, price, currency."`
}

// Run reads all files before anything is kept.
func (c *importPrices) Run(t *terminal) error {
	a, err := app.Open(t.ctx, app.Config{DB: c.DB, OneWriter: true})
	if err != nil {
		return err
	}
	return errors.Join(c.into(t, a), a.Close())
}

func (c *importPrices) into(t *terminal, a *app.App) error {
	p := a.Program()
	if p == nil {
		return errors.New("the workspace has no program, whose currency prices are in; publish one with premia program publish")
	}
	var all []store.Price
	wrong := 0
	for _, path := range c.Files {
		prices, bad, err := c.read(a, path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, one := range bad {
			fmt.Fprintf(t.err, "%s:%v\n", path, one)
		}
		wrong += len(bad)
		all = append(all, prices...)
	}
	if wrong > 0 {
		fmt.Fprintf(t.err, "Nothing was imported. Lines that are wrong: %s.\n", grouped(int64(wrong)))
		return errFailed
	}
	changed, err := a.PutPrices(t.ctx, all)
	if err != nil {
		return err
	}
	summary := struct {
		Prices  int `json:"prices"`
		Changed int `json:"changed"`
	}{Prices: len(changed)}
	for _, one := range changed {
		if one {
			summary.Changed++
		}
	}
	if c.JSON {
		return json.NewEncoder(t.out).Encode(summary)
	}
	_, err = fmt.Fprintf(t.out, "Prices: %s. New or changed: %s.\n", grouped(int64(summary.Prices)), grouped(int64(summary.Changed)))
	return err
}

func (c *importPrices) read(a *app.App, path string) ([]store.Price, []*file.LineError, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	return file.ReadPrices(f, file.PriceOptions{Channel: c.Channel, Zone: a.Program().Zone, Check: a.CheckPrice})
}
