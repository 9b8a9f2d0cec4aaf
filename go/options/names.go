package options

import "strings"

// EnvPrefix starts every environment option, in both modes. The SDK would take
// it from the executable's name, which is node's in-process.
const EnvPrefix = "AGD"

// optionNames maps the punctuation of an option's name to its variable's.
var optionNames = strings.NewReplacer(".", "_", "-", "_")

// envOf returns the environment variable of an option.
func envOf(option string) string { return EnvOf(option) }

// EnvOf is the variable of the environment that sets an option: agd devnet and
// agd localnet take it where they have no such flag.
func EnvOf(option string) string {
	return EnvPrefix + "_" + strings.ToUpper(optionNames.Replace(option))
}
