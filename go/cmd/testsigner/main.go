// Testsigner is a remote signer for tests (CometBFT's privval). It holds a
// validator's key and state, and signs for the node at an address, also across
// the node's restarts. A signal ends it.
package main

import (
	"flag"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtlog "github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/privval"
)

func main() {
	address := flag.String("address", "", "the node's priv_validator_laddr: tcp://HOST:PORT or unix://PATH")
	key := flag.String("key", "", "priv_validator_key.json")
	state := flag.String("state", "", "priv_validator_state.json")
	chain := flag.String("chain-id", "", "the chain to sign for")
	flag.Parse()

	dial := privval.DialTCPFn(strings.TrimPrefix(*address, "tcp://"), 3*time.Second, ed25519.GenPrivKey())
	if file, isUnix := strings.CutPrefix(*address, "unix://"); isUnix {
		dial = privval.DialUnixFn(file)
	}
	endpoint := privval.NewSignerDialerEndpoint(cmtlog.NewNopLogger(), dial,
		privval.SignerDialerEndpointRetryWaitInterval(100*time.Millisecond),
		privval.SignerDialerEndpointConnRetries(1<<20))
	server := privval.NewSignerServer(endpoint, *chain, privval.LoadFilePV(*key, *state))
	if err := server.Start(); err != nil {
		log.Fatal(err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	<-stop
}
