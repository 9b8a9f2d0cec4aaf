// Upstream-agd stands for upstream's agd in tests of agvm. It starts agvm with
// upstream's arguments, environment and descriptors, connects to it with only
// Go's own net/rpc and net/rpc/jsonrpc, and runs a scenario on the kernel. It
// shares no code with this repository.
//
// Its own command line is one of agd's, and is passed to the VM unchanged. The
// last line on stdout is a report in JSON; the VM's own output precedes it. The
// exit code is 0 if the scenario could be completed.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/rpc"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("upstream-agd: ")
	if len(os.Args) < 2 || os.Args[1] != "start" {
		log.Fatal("usage: upstream-agd start --home DIR --split-vm AGVM --scenario NAME [flags]")
	}
	flags := flag.NewFlagSet("start", flag.ExitOnError)
	binary := flags.String("split-vm", "agvm", "the VM's program, as upstream names it")
	scenario := flags.String("scenario", "blocks", strings.Join(names(), ", "))
	height := flags.Int("height", 0, "the last block that the kernel has committed")
	traceFile := flags.String("trace", os.DevNull, "where to write all frames")
	for _, name := range []string{"home", "log_level", "minimum-gas-prices", "pruning"} {
		flags.String(name, "", "as agd's; for the VM")
	}
	_ = flags.Parse(os.Args[2:]) // ends the program on an error

	out, err := os.Create(*traceFile)
	if err != nil {
		log.Fatal(err)
	}
	result, err := run(*binary, *scenario, *height, out)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(jsonText(result))
	if result.Error != "" {
		os.Exit(1)
	}
}

// A report is the result of the program.
type report struct {
	// Why the scenario could not be completed; empty if it was.
	Error   string `json:"error"`
	VM      int    `json:"vm"`      // process id
	Workers []int  `json:"workers"` // process ids, just before the end
	Ending  ending `json:"ending"`
	// The scenario's own result.
	Findings any `json:"findings"`
	// Downcalls by kind and pending upcalls.
	Downcalls []downcallCount   `json:"downcalls"`
	Storage   map[string]string `json:"storage"`
	// How many entries of export data there are.
	Exported int `json:"exported"`
}

type downcallCount struct {
	downcall
	Count int `json:"count"`
}

func run(binary, name string, height int, traceOut io.Writer) (*report, error) {
	scenario, ok := scenarios[name]
	if !ok {
		return nil, fmt.Errorf("unknown scenario %q; there are: %s", name, strings.Join(names(), ", "))
	}
	userHome, err := os.UserHomeDir()
	if err != nil {
		return nil, err
	}
	// Upstream puts its default home first; the user's own --home follows and
	// takes precedence.
	args := append([]string{"--home", filepath.Join(userHome, ".agoric")}, os.Args[1:]...)

	chain := newChain()
	server := rpc.NewServer()
	if err := server.RegisterName("agd", chain); err != nil {
		return nil, err
	}
	vm, err := startVM(binary, args, server, &trace{out: traceOut})
	if err != nil {
		return nil, err
	}
	findings, err := scenario(&peer{vm: vm, chain: chain}, height)
	r := &report{VM: vm.cmd.Process.Pid, Workers: vm.children(), Ending: vm.stop(), Findings: findings}
	if err != nil {
		r.Error = err.Error()
	}
	r.Storage, r.Exported = chain.storage, len(chain.exported)
	for what, count := range chain.downcalls {
		r.Downcalls = append(r.Downcalls, downcallCount{what, count})
	}
	return r, nil
}

func names() []string {
	var names []string
	for name := range scenarios {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func jsonText(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // values of this program always have a text
	}
	return string(text)
}
