package service

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
)

// Usage is the command line in one line.
const Usage = "usage: rules serve [--split] [--listen ADDRESS] [--shop DIRECTORY]"

// Options are what the command line says.
type Options struct {
	// Split asks for Node in a process of its own.
	Split bool
	// Listen is the address of the HTTP server.
	Listen string
	// Shop is the operator's directory: rules.mjs and shop.json. Absolute.
	Shop string
}

// ParseOptions parses the command line without the program's name. defaultShop
// is the operator's directory if none is named.
func ParseOptions(args []string, defaultShop string) (Options, error) {
	if len(args) == 0 || args[0] != "serve" {
		return Options{}, errors.New(Usage)
	}
	var o Options
	flags := flag.NewFlagSet("rules serve", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error says it all
	flags.BoolVar(&o.Split, "split", false, "")
	flags.StringVar(&o.Listen, "listen", "127.0.0.1:8080", "")
	flags.StringVar(&o.Shop, "shop", defaultShop, "")
	if err := flags.Parse(args[1:]); err != nil {
		return Options{}, fmt.Errorf("%w; %s", err, Usage)
	}
	if flags.NArg() > 0 {
		return Options{}, fmt.Errorf("unexpected argument %q; %s", flags.Arg(0), Usage)
	}
	var err error
	o.Shop, err = filepath.Abs(o.Shop)
	return o, err
}
