package home

import "path/filepath"

// Layout is the path of a home directory, and knows those of what is in it.
type Layout string

// Data is the directory of the stores.
func (l Layout) Data() string { return filepath.Join(string(l), "data") }

// ChainStore is the application's database.
func (l Layout) ChainStore() string { return filepath.Join(l.Data(), "application.db") }

// Snapshots is the directory of the local snapshots.
func (l Layout) Snapshots() string { return filepath.Join(l.Data(), "snapshots") }

// KernelState is the directory that the kernel keeps its state in.
func (l Layout) KernelState() string { return filepath.Join(l.Data(), "agoric") }

// KernelStore is the kernel's database.
func (l Layout) KernelStore() string { return filepath.Join(l.KernelState(), "swingstore.sqlite") }

// VMTemp is the VM's TMPDIR, unless the environment names another (VMTemp).
func (l Layout) VMTemp() string { return filepath.Join(l.Data(), "vm-tmp") }

// VMInput is the directory of files that agd writes for the VM. A jail lets
// the VM see it even if it is created later.
func (l Layout) VMInput() string { return filepath.Join(l.Data(), "vm-in") }

// ConfigFile is one of the configuration files: app, client or config.
func (l Layout) ConfigFile(name string) string {
	return filepath.Join(string(l), "config", name+".toml")
}

// TelemetryFile is the configuration of OpenTelemetry, which "agd init" makes
// empty.
func (l Layout) TelemetryFile() string { return filepath.Join(string(l), "config", "otel.yaml") }

// KernelExport is where the kernel's store lies that a genesis belongs to,
// unless an option names another directory.
func (l Layout) KernelExport() string { return filepath.Join(string(l), "config", "swing-store") }
