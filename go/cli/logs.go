package cli

import (
	"io"

	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/options"
)

// While a node runs, agd and its VM print one stream on standard output. Each
// line names its process.
const (
	keyProcess  = "process"
	processAgd  = "agd"
	processAgvm = "agvm"
)

// lossy is the output of logs. It drops a line that cannot be written, because
// the reader has gone or the disk is full. Otherwise the logger would report
// each on standard error.
type lossy struct{ io.Writer }

// Write implements io.Writer; it never fails.
func (w lossy) Write(line []byte) (int, error) {
	_, _ = w.Writer.Write(line)
	return len(line), nil
}

// newLogger returns the logger of a process and one of its parts.
func newLogger(svr *server.Context, out io.Writer, process, module string) (log.Logger, error) {
	logger, err := options.NewLogger(svr.Viper, lossy{out}, options.IsTerminal(out))
	if err != nil {
		return nil, err
	}
	return logger.With(keyProcess, process, log.ModuleKey, module), nil
}

// logToStderr reserves standard output for the command's own output.
func logToStderr(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		svr := server.GetServerContextFromCmd(cmd)
		logger, err := options.NewLogger(svr.Viper, cmd.ErrOrStderr(), options.IsTerminal(cmd.ErrOrStderr()))
		if err != nil {
			return err
		}
		svr.Logger = logger
		return run(cmd, args)
	}
}
