package options

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"
	"golang.org/x/term"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
)

// LogLevels and LogFormats are the plain values of --log_level and --log_format.
var (
	LogLevels  = []string{"trace", "debug", "info", "warn", "error", "fatal", "panic", "disabled"}
	LogFormats = []string{"plain", flags.OutputFormatJSON}
)

// quietModules are CometBFT's modules whose entries at info are for its
// developers: several for each block, and one for each service.
var quietModules = []string{
	"abci-client", "events", "evidence", "mempool", "p2p", "pex", "proxy", "pubsub", "txindex",
}

// QuietLogLevel is the default of --log_level: info, without the chatter of
// CometBFT and the SDK. "info" includes it.
var QuietLogLevel = "*:info," + strings.Join(quietModules, ":warn,") + ":warn"

// chatter are the entries at info that QuietLogLevel omits of the modules that
// it does not omit as a whole. A block has one entry left: "committed state".
var chatter = []string{
	"executed block", "finalized block", "service start", "service stop", "Version info",
	// Of consensus, whose "committed state" of a replayed block stays.
	"Timed out", "received proposal", "received complete proposal block", "finalizing commit of block", "scheduleRound0",
	"Catchup by replaying consensus messages", "Replay: New Step", "Replay: Timeout", "Replay: Vote", "Replay: Proposal", "Replay: BlockPart", "Replay: Done",
	"Searching for height", "Found", "SwitchToConsensus", "Stopping peerStatsRoutine",
	"ABCI Handshake App Info", "Completed ABCI Handshake - CometBFT and App are synced",
	"ingesting verified block", "ingested verified block",
	// Of the RPC server, for each client of its websocket, such as agd tx --wait.
	"New websocket connection", "Client closed the connection", "WSJSONRPC",
	"Subscribe to query", "Unsubscribe from query", "Unsubscribe from all",
	"Stopping Node", "RPC HTTP server stopped", "Closing rpc listener", "Closing blockstore", "Closing statestore", "Closing evidencestore",
	// For each store, at the first start and the first one after an upgrade.
	"Upgrading IAVL storage for faster queries + execution on live state. This may take a while",
}

// logChecks are checks of the options of NewLogger.
var logChecks = []func(*viper.Viper) error{
	func(v *viper.Viper) error {
		text := v.GetString(flags.FlagLogLevel)
		if _, err := levelOptions(text); err != nil && strings.Contains(text, ":") {
			return fmt.Errorf("expected a list such as *:info,consensus:debug with the levels %s: %w", alternatives(LogLevels), err)
		} else if err != nil {
			return fmt.Errorf("expected %s, or a list such as *:info,consensus:debug", alternatives(LogLevels))
		}
		return nil
	},
	func(v *viper.Viper) error {
		if _, err := verboseLevel(v); err != nil {
			return fmt.Errorf("expected %s", alternatives(append(slices.Clone(LogLevels), noVerbose)))
		}
		return nil
	},
}

// CheckLog returns an error for a value that NewLogger cannot use, with its
// source.
func CheckLog(cmd *cobra.Command) error {
	given, _ := cmd.Context().Value(givenKey{}).(givenOptions)
	for _, check := range logChecks {
		if err := given.check(server.GetServerContextFromCmd(cmd).Viper, check); err != nil {
			return err
		}
	}
	return nil
}

// noVerbose is the value of --verbose_log_level for no level of its own.
const noVerbose = "none"

func verboseLevel(v *viper.Viper) (zerolog.Level, error) {
	text := v.GetString(flags.FlagVerboseLogLevel)
	if text == "" || text == noVerbose {
		return zerolog.NoLevel, nil
	}
	return zerolog.ParseLevel(text)
}

// NewLogger returns the logger of the options --log_level, --log_format,
// --log_no_color, --verbose_log_level and --trace. Times have a date unless out
// is a terminal, and colours only if it is one.
func NewLogger(v *viper.Viper, out io.Writer, isTerminal bool) (log.Logger, error) {
	level := v.GetString(flags.FlagLogLevel)
	options, err := levelOptions(level)
	if err != nil {
		return nil, err
	}
	verbose, err := verboseLevel(v)
	if err != nil {
		return nil, fmt.Errorf("invalid verbose log level: %w", err)
	}
	if v.GetString(flags.FlagLogFormat) == flags.OutputFormatJSON {
		options = append(options, log.OutputJSONOption())
	}
	layout := time.DateTime
	if isTerminal {
		layout = time.TimeOnly
	}
	options = append(options,
		log.VerboseLevelOption(verbose),
		log.ColorOption(isTerminal && !v.GetBool(flags.FlagLogNoColor)),
		log.TimeFormatOption(layout),
		log.TraceOption(v.GetBool(server.FlagTrace)))
	logger := log.NewLogger(out, options...)
	return moduleLogger{Logger: logger, others: logger}, nil
}

// moduleLogger is a logger whose entries have one module, the last one that With
// has set. The SDK's logger would add each to the entry: first that of agd, then
// CometBFT's.
type moduleLogger struct {
	// Logger adds all fields, and others all but the module.
	log.Logger
	others log.Logger
	module any // nil: none
}

var _ log.VerboseModeLogger = moduleLogger{}

// With implements log.Logger.
func (l moduleLogger) With(pairs ...any) log.Logger {
	rest := make([]any, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == log.ModuleKey {
			l.module = pairs[i+1]
		} else {
			rest = append(rest, pairs[i], pairs[i+1])
		}
	}
	l.others = l.others.With(rest...)
	l.Logger = l.others
	if l.module != nil {
		l.Logger = l.others.With(log.ModuleKey, l.module)
	}
	return l
}

// SetVerboseMode implements log.VerboseModeLogger.
func (l moduleLogger) SetVerboseMode(verbose bool) {
	for _, logger := range []log.Logger{l.Logger, l.others} {
		if logger, ok := logger.(log.VerboseModeLogger); ok {
			logger.SetVerboseMode(verbose)
		}
	}
}

// levelOptions reads a value of --log_level.
func levelOptions(text string) ([]log.Option, error) {
	if text == "" {
		return nil, nil
	}
	if level, err := zerolog.ParseLevel(text); err == nil {
		return []log.Option{log.LevelOption(level)}, nil
	}
	filter, err := log.ParseLogLevel(text)
	if err != nil {
		return nil, err
	}
	// The filter parses each entry, so the logger must not produce entries that it
	// would drop.
	options := []log.Option{log.FilterOption(filter), log.LevelOption(lowest(text))}
	if text == QuietLogLevel {
		options = append(options, log.HooksOption(zerolog.HookFunc(dropChatter)))
	}
	return options, nil
}

// lowest is the lowest level of a list of module:level, which ParseLogLevel
// accepts: entries below it are of no module.
func lowest(list string) zerolog.Level {
	low, others := zerolog.Disabled, zerolog.TraceLevel
	for pair := range strings.SplitSeq(list, ",") {
		module, text, _ := strings.Cut(pair, ":")
		level, _ := zerolog.ParseLevel(text)
		if module == "*" {
			others = level
		}
		low = min(low, level)
	}
	return min(low, others)
}

func dropChatter(entry *zerolog.Event, level zerolog.Level, message string) {
	if level == zerolog.InfoLevel && slices.Contains(chatter, message) {
		entry.Discard()
	}
}

// IsTerminal reports whether an output is a terminal.
func IsTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
