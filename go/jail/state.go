package jail

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/internal/filestat"
)

// OwnState returns an error if this process runs as root, which has no
// privileges in the jail, and another user owns one of the paths of the kernel's
// state.
func OwnState(paths ...string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			continue // It will be created.
		}
		if owner, ok := filestat.Owner(info); ok && owner != 0 {
			return fmt.Errorf("%s belongs to the user %d, and agd is root, which has no privileges in the jail: start agd as that user", path, owner)
		}
	}
	return nil
}

// BootstrapConfig returns the file that the kernel boots from. It returns "" if
// store exists, because the kernel then has a state, and if the configuration is
// a module's.
func BootstrapConfig(store, genesisFile string, env []string) (string, error) {
	if _, err := os.Stat(store); err == nil {
		return "", nil
	}
	spec := environ.Get(env, "CHAIN_BOOTSTRAP_VAT_CONFIG")
	if spec == "" {
		var genesis struct {
			AppState struct {
				Swingset struct {
					Params struct {
						BootstrapVatConfig string `json:"bootstrap_vat_config"`
					} `json:"params"`
				} `json:"swingset"`
			} `json:"app_state"`
		}
		text, err := os.ReadFile(genesisFile)
		if errors.Is(err, os.ErrNotExist) {
			return "", nil // Such as where a snapshot is restored.
		}
		if err != nil {
			return "", err
		}
		if err := json.Unmarshal(text, &genesis); err != nil {
			return "", fmt.Errorf("%s: %w", genesisFile, err)
		}
		spec = genesis.AppState.Swingset.Params.BootstrapVatConfig
	}
	if !filepath.IsAbs(spec) {
		return "", nil
	}
	return spec, nil
}

// EnvMetricsPort names the port of the kernel's metrics.
const EnvMetricsPort = "OTEL_EXPORTER_PROMETHEUS_PORT"

// ParsePort parses the value of an option or a variable.
func ParsePort(option, text string) (Port, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%s: expected a port, got %q", option, text)
	}
	return Port(port), nil
}
