package swingset

import (
	"bytes"
	"testing"
	"text/template"

	"github.com/spf13/viper"
	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

type options map[string]any

func (o options) Get(key string) any { return o[key] }

func TestKernelConfig(t *testing.T) {
	config, err := KernelConfig(options{})
	require.NoError(t, err)
	require.Equal(t, types.DefaultKernelConfig(), config)

	config, err = KernelConfig(options{
		"home": "/home/op/.agd", "pruning": "nothing",
		"swingset.slogfile":                 "logs/slog",
		"swingset.max-vats-online":          int64(3),
		"swingset.vat-snapshot-retention":   "debug",
		"swingset.vat-transcript-retention": "default",
		"swingset.vat-snapshot-archive-dir": "/archive",
	})
	require.NoError(t, err)
	require.Equal(t, types.KernelConfig{
		SlogFile:               "/home/op/.agd/logs/slog",
		MaxVatsOnline:          3,
		VatSnapshotRetention:   "debug",
		VatTranscriptRetention: "archival",
		VatSnapshotArchiveDir:  "/archive",
	}, config)
}

func TestKernelConfigErrors(t *testing.T) {
	for want, opts := range map[string]options{
		"swingset.max-vats-online must be a positive integer: 0":                                     {"swingset.max-vats-online": 0},
		`swingset.vat-snapshot-retention must be one of ["operational" "debug"]: "x"`:                {"swingset.vat-snapshot-retention": "x"},
		`swingset.vat-transcript-retention must be one of ["operational" "archival" "default"]: "x"`: {"swingset.vat-transcript-retention": "x"},
	} {
		_, err := KernelConfig(opts)
		require.EqualError(t, err, want)
	}
}

func TestConfigTemplateIsReadBack(t *testing.T) {
	want := Config{
		SlogFile: "a", MaxVatsOnline: 7, VatSnapshotRetention: "b",
		VatTranscriptRetention: "c", VatSnapshotArchiveDir: "d", VatTranscriptArchiveDir: "e",
	}
	var file bytes.Buffer
	tmpl := template.Must(template.New("").Parse(ConfigTemplate))
	require.NoError(t, tmpl.Execute(&file, struct{ Swingset Config }{want}))
	v := viper.New()
	v.SetConfigType("toml")
	require.NoError(t, v.ReadConfig(&file))
	var got struct{ Swingset Config }
	require.NoError(t, v.Unmarshal(&got))
	require.Equal(t, want, got.Swingset)
}
