package main

import "C"

import "github.com/agd-bridge/agd-bridge/go/cmd/internal/program"

// agd_main makes this library the program agd: launcher.c calls it. It does not
// return.
//
//export agd_main
func agd_main() { program.Main() }
