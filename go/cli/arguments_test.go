package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client/flags"
)

func TestAWrongNumberOfArgumentsNamesThem(t *testing.T) {
	for line, want := range map[string]string{
		"query bank balances":     `expected [address], got 0 arguments (see "agd query bank balances --help")`,
		"query bank balance a":    `expected [address] [denom], got 1 argument (see "agd query bank balance --help")`,
		"keys show":               `expected [name_or_address [name_or_address...]], got 0 arguments`,
		"keys add":                `expected <name>, got 0 arguments (see "agd keys add --help")`,
		"query tx A B":            `expected HASH|ADDRESS/SEQUENCE|SIGNATURE, got 2 arguments`,
		"query block-results 1 2": `expected [height], got 2 arguments`,
		"tx bank send a":          `expected [from_key_or_address] [to_address] [amount], got 1 argument`,
	} {
		_, failed := runIn(t, strings.Fields(line)...)
		require.Contains(t, failed, want, line)
	}
}

func TestAMalformedHashIsRefused(t *testing.T) {
	for line, want := range map[string]string{
		"query wait-tx xyz":                         `"xyz" is not the hash of a transaction: expected 64 hexadecimal digits`,
		"query wait-tx ABCD":                        `"ABCD" is not the hash of a transaction: expected 64 hexadecimal digits`,
		"query tx 0xAB":                             `"0xAB" is not the hash of a transaction: expected 64 hexadecimal digits`,
		"query block 5":                             `"5" is not the hash of a block: expected 64 hexadecimal digits; for a height add --type=height`,
		"query block --type=height 5":               "no node at",
		"query wait-tx " + strings.Repeat("aB", 32): "connection refused",
	} {
		code, _, said := runCommand(append(strings.Fields(line), "--node", "tcp://127.0.0.1:1")...)
		require.Equal(t, 1, code, line)
		require.Contains(t, said, want, line)
		require.Equal(t, 1, strings.Count(said, "\n"), said)
	}
}

func TestATransactionThatWaitTxMissesIsAbsent(t *testing.T) {
	cmd := absentInTime(&cobra.Command{RunE: func(*cobra.Command, []string) error {
		return errors.New("timed out waiting for transaction ABCD to be included in a block: internal logic error")
	}})
	cmd.Flags().Duration("timeout", 3e9, "")
	err := cmd.RunE(cmd, nil)
	require.EqualError(t, err, "transaction ABCD is in no block after 3s: it may still come: look with `agd query tx ABCD`, or raise --timeout")
	require.Equal(t, exitAbsent, failureCode(err))
}

func TestAQuestionThatNobodyAnswersNamesYes(t *testing.T) {
	cmd := &cobra.Command{RunE: func(*cobra.Command, []string) error { return io.EOF }}
	yes := cmd.Flags().Bool(flags.FlagSkipConfirmation, false, "")
	explainUnanswered(cmd)
	require.EqualError(t, cmd.RunE(cmd, nil), "not sent: agd asks for confirmation, and standard input has ended: add --yes")
	*yes = true
	require.Equal(t, io.EOF, cmd.RunE(cmd, nil))
}

func TestVersionsAreShort(t *testing.T) {
	info := map[string]any{"name": "agd", "build_deps": []string{"a@1", "b@2 => c@3"}, "go": "1"}
	text, err := json.Marshal(info)
	require.NoError(t, err)
	yaml := "build_deps:\n- a@1\n- b@2 => c@3\ncommit: x\nname: agd\n\n"
	for format, c := range map[string]struct{ printed, want string }{
		"text": {yaml, "commit: x\nname: agd\n"},
		"json": {string(text) + "\n", `{"go":"1","name":"agd"}` + "\n"},
	} {
		var out bytes.Buffer
		cmd := &cobra.Command{}
		cmd.SetOut(&out)
		cmd.Flags().String(flags.FlagOutput, format, "")
		require.NoError(t, withoutDependencies(cmd, func() error { return printLine(cmd.OutOrStdout(), strings.TrimSuffix(c.printed, "\n")) }))
		require.Equal(t, c.want, out.String())
	}
}
