package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// wrappings are what libraries put around an error's text: gRPC its code, once
// for each server on the way; the SDK its source file; the SDK's generated
// commands the position of an argument.
var wrappings = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`rpc error: code = \w+ desc = `), ""},
	{regexp.MustCompile(` ?\[[^][\s]+\.go:\d+\]`), ""},
	{regexp.MustCompile(`error in json rpc client, with http response metadata: \(Status: [^)]*\)\. RPC error -\d+ - (?:Internal error: )?`), ""},
	{regexp.MustCompile(`invalid argument ("[^"]*") for "--\d+" flag: `), "argument $1: "},
}

// unwrapped is an error's text without its wrappings.
func unwrapped(text string) string {
	for _, wrapping := range wrappings {
		text = wrapping.pattern.ReplaceAllString(text, wrapping.instead)
	}
	return text
}

// noNodeError is a client's error when nothing listens at the node's address.
type noNodeError struct {
	err error
	// address is where, and remedy what to do.
	address, reason, remedy string
}

func (e *noNodeError) Error() string {
	return fmt.Sprintf("no node at %q: %s: %s", e.address, e.reason, e.remedy)
}

func (e *noNodeError) Unwrap() error { return e.err }

// errNoBlockYet is the error of a query before the chain's first block.
var errNoBlockYet = errors.New("the chain's first block is not yet complete: wait until the node's log says \"ready\"")

// explainNoBlock replaces the SDK's error of a query before the first block,
// which is text alone.
func explainNoBlock(err error) error {
	if err != nil && strings.Contains(err.Error(), "is not ready; please wait for first block") {
		return errNoBlockYet
	}
	return err
}

// nobodyListens matches the errors of RPC and gRPC clients when nothing listens
// at an address: a closed port, a missing socket, or a host that cannot be
// reached.
var nobodyListens = regexp.MustCompile(`dial (?:tcp|unix) ([^\s"]+?): (?:connect: )?(connection refused|no such file or directory|no route to host|network is unreachable|i/o timeout)`)

// noHost matches the errors of the same clients when a host has no address.
var noHost = regexp.MustCompile(`(?:dial tcp: )?lookup ([^\s"]+?)(?: on \S+)?: (no such host|server misbehaving|Temporary failure in name resolution)`)

// explainNoNode names the address at which nothing listens. Errors of gRPC are
// text alone.
func explainNoNode(err error, option string) error {
	if err == nil {
		return nil
	}
	for _, each := range []struct {
		pattern *regexp.Regexp
		remedy  string
	}{
		{nobodyListens, "is agd running? start it, or name its address with --" + option},
		{noHost, "check the address of --" + option},
	} {
		if found := each.pattern.FindStringSubmatch(err.Error()); found != nil {
			return &noNodeError{err: err, address: strings.TrimSpace(found[1]), reason: found[2], remedy: each.remedy}
		}
	}
	return err
}
