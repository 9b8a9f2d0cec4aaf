package options

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/spf13/viper"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/flags"
)

// printed returns the lines that a logger with these options prints.
func printed(t *testing.T, level string, isTerminal bool, set map[string]any, use func(log.Logger)) []string {
	t.Helper()
	v := viper.New()
	v.Set(flags.FlagLogLevel, level)
	v.Set(flags.FlagVerboseLogLevel, "debug")
	for key, value := range set {
		v.Set(key, value)
	}
	var out bytes.Buffer
	logger, err := NewLogger(v, &out, isTerminal)
	if err != nil {
		t.Fatal(err)
	}
	use(logger)
	return slices.Collect(strings.Lines(out.String()))
}

// idleBlock is CometBFT's log of an empty block, with other entries of a start.
func idleBlock(logger log.Logger) {
	for _, entry := range []struct{ module, message string }{
		{"server", "Upgrading IAVL storage for faster queries + execution on live state. This may take a while"},
		{"blocksync", "service start"},
		{"consensus", "Timed out"},
		{"consensus", "received proposal"},
		{"consensus", "received complete proposal block"},
		{"consensus", "finalizing commit of block"},
		{"state", "finalized block"},
		{"state", "executed block"},
		{"state", "committed state"},
		{"txindex", "indexed block events"},
	} {
		logger.With(log.ModuleKey, entry.module).Info(entry.message)
	}
	logger.With(log.ModuleKey, "consensus").Debug("details")
	logger.With(log.ModuleKey, "consensus").Error("trouble", "err", errors.New("x"))
}

func TestALogLevelSaysHowMuchOfABlockIsLogged(t *testing.T) {
	for _, c := range []struct {
		level string
		want  int // entries of idleBlock, trouble among them
	}{
		{QuietLogLevel, 2},
		{"info", 11},
		{"*:info", 11},
		{"debug", 12},
		{"*:info,consensus:debug", 12},
		{"*:error,state:info", 4},
		{"consensus:error", 7},
		{"error", 1},
		{"disabled", 0},
	} {
		lines := printed(t, c.level, false, nil, idleBlock)
		if len(lines) != c.want {
			t.Errorf("%s: got %d lines, want %d:\n%s", c.level, len(lines), c.want, strings.Join(lines, ""))
		}
	}
}

func TestAnUpgradeIsLoggedInFull(t *testing.T) {
	lines := printed(t, QuietLogLevel, false, nil, func(logger log.Logger) {
		logger = logger.With(log.ModuleKey, "consensus")
		logger.Debug("before")
		logger.(log.VerboseModeLogger).SetVerboseMode(true)
		logger.Debug("during")
		logger.(log.VerboseModeLogger).SetVerboseMode(false)
		logger.Debug("after")
	})
	if len(lines) != 1 || !strings.Contains(lines[0], "during") {
		t.Errorf("got %q", lines)
	}
}

func TestAnEntryHasItsLastModuleAlone(t *testing.T) {
	for format, want := range map[string]*regexp.Regexp{
		"json":  regexp.MustCompile(`"process":"agd","peer":7,"module":"consensus",`),
		"plain": regexp.MustCompile(`module=consensus peer=7 process=agd`),
	} {
		lines := printed(t, "info", false, map[string]any{flags.FlagLogFormat: format}, func(logger log.Logger) {
			agd := logger.With("process", "agd", log.ModuleKey, "server")
			agd.With("peer", 7).With(log.ModuleKey, "consensus").Info("text")
			agd.Info("text")
		})
		if len(lines) != 2 || !want.MatchString(lines[0]) || strings.Count(lines[0], "module") != 1 || !strings.Contains(lines[1], "server") {
			t.Errorf("%s: got %q", format, lines)
		}
	}
}

func TestTheLoggerMakesNoEntryThatItsFilterDrops(t *testing.T) {
	for list, want := range map[string]zerolog.Level{
		QuietLogLevel:            zerolog.InfoLevel,
		"*:error,consensus:warn": zerolog.WarnLevel,
		"consensus:error":        zerolog.TraceLevel,
	} {
		if got := lowest(list); got != want {
			t.Errorf("%s: got %s, want %s", list, got, want)
		}
	}
}

func TestColoursAreForTerminalsAndTimesHaveSeconds(t *testing.T) {
	const colour = "\x1b["
	for _, c := range []struct {
		name       string
		isTerminal bool
		set        map[string]any
		want       string
	}{
		{"a terminal", true, nil, `^\x1b\[90m\d\d:\d\d:\d\d\x1b`},
		{"--log_no_color", true, map[string]any{flags.FlagLogNoColor: true}, `^\d\d:\d\d:\d\d INF`},
		{"no terminal", false, nil, `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INF`},
		{"json", true, map[string]any{flags.FlagLogFormat: "json"}, `^\{"level":"info",.*"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := printed(t, QuietLogLevel, c.isTerminal, c.set, func(logger log.Logger) { logger.Info("text", "key", 1) })
			if len(lines) != 1 || !regexp.MustCompile(c.want).MatchString(lines[0]) {
				t.Fatalf("got %q, want %s", lines, c.want)
			}
			if coloured := strings.Contains(lines[0], colour); coloured != strings.Contains(c.want, `\[`) {
				t.Errorf("colours: got %q", lines[0])
			}
		})
	}
}
