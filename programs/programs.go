// Package programs holds the ready programs, each a folder with a program.yaml
// whose scenarios are its tests.
package programs

import _ "embed"

// Coffee is the program of a chain of coffee bars, which the demo runs.
//
//go:embed coffee/program.yaml
var Coffee []byte

// OnlineRetail is the program of a gift shop, for its real year of purchases.
//
//go:embed online-retail/program.yaml
var OnlineRetail []byte

// OnlineRetailMapping says how the shop's export becomes events.
//
//go:embed online-retail/mapping.yaml
var OnlineRetailMapping []byte
