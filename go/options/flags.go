package options

import (
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/app"
)

const (
	FlagSplit   = "split"
	FlagSplitVM = "split-vm"

	FlagBridgeTrace        = "bridge-trace"
	FlagBridgeTraceMaxSize = "bridge-trace-max-size"

	// FlagFlightRecorder is the size of the flight recorder in bytes.
	FlagFlightRecorder         = "bridge-flight-recorder-size"
	defaultFlightRecorderBytes = 16 << 20
	FlagSlowCall               = "bridge-slow-call"

	FlagSplitTransport = "split-transport"
	TransportAuto      = "auto"
	TransportPipe      = "pipe"
	TransportShm       = "shm"

	FlagHandshakeTimeout    = "vm-handshake-timeout"
	defaultHandshakeTimeout = time.Minute
)

const (
	FlagJail      = "jail"
	JailAuto      = "auto"
	JailOn        = "on"
	JailOff       = "off"
	FlagJailRead  = "jail-read"
	FlagJailWrite = "jail-write"
)

const (
	FlagVMInspect  = "vm-inspect"
	FlagVMNodeArgs = "vm-node-args"
)

// DefaultInspectPort and loopback are Node's own defaults.
const (
	DefaultInspectPort = "9229"
	Loopback           = "127.0.0.1"
)

const nodeTemplate = `# VMInspect starts Node's inspector in the VM's process: [HOST:]PORT, 0 for any
# free port, "" for none. (--vm-inspect, AGD_VM_INSPECT)
vm-inspect = "{{ .VMInspect }}"

# VMNodeArgs are options of Node.js for the VM's process, as shell words.
# (--vm-node-args, AGD_VM_NODE_ARGS)
vm-node-args = "{{ .VMNodeArgs }}"

`

func addNodeFlags(cmd *cobra.Command) {
	cmd.Flags().String(FlagVMInspect, "", "Start the VM's Node.js inspector at [HOST:]PORT; HOST defaults to loopback, PORT 0 selects any free port")
	cmd.Flags().Lookup(FlagVMInspect).NoOptDefVal = DefaultInspectPort
	cmd.Flags().String(FlagVMNodeArgs, "", `Options of Node.js for the VM's process, as shell words: "--max-old-space-size=4096 --cpu-prof"`)
}

const jailTemplate = `# Jail confines the VM of split: its files, network, signals and system calls.
# auto: as far as this system supports; on: completely, or agd does not start;
# off: no jail.
# (--jail, AGD_JAIL)
jail = "{{ .Jail }}"

# JailRead and JailWrite are additional files and directories, separated by
# commas, that the VM may read, or read and write. A missing one whose name ends
# with a slash is created as a directory. (--jail-read, AGD_JAIL_READ, …)
jail-read = "{{ .JailRead }}"
jail-write = "{{ .JailWrite }}"

`

func addJailFlags(cmd *cobra.Command) {
	cmd.Flags().String(FlagJail, JailAuto, "Confine the VM of --split: auto (as far as this system supports), on (completely, or refuse to start), or off")
	cmd.Flags().String(FlagJailRead, "", "Additional files and directories that the jailed VM may read, separated by commas")
	cmd.Flags().String(FlagJailWrite, "", "Additional files and directories that the jailed VM may read and write; a missing one whose name ends with a slash is created as a directory")
}

// AddStartFlags adds the flags of start that are not the SDK's.
func AddStartFlags(cmd *cobra.Command) {
	AddKernelFlags(cmd)
	keepSnapshots(cmd)
	cmd.Flags().Int(FlagFlightRecorder, defaultFlightRecorderBytes, "Memory in bytes for the last frames between chain and kernel, which agd writes to data/bridge-crash-….jsonl.zst when the VM or a block fails; 0 for none")
	cmd.Flags().Duration(FlagSlowCall, 0, "Duration of a block action after which agd writes the flight recorder to a file too; 0 for never")
	cmd.Flags().String(app.FlagSwingStoreExportDir, "", "Directory with the kernel's store of an exported genesis (default HOME/config/swing-store)")
}

// AddKernelFlags adds the flags that determine how a command runs the kernel.
func AddKernelFlags(cmd *cobra.Command) {
	cmd.Flags().Bool(FlagSplit, false, "Run the kernel in a separate process; otherwise Node.js hosts agd and the kernel in one process")
	AddVMFlags(cmd)
	cmd.Flags().String(FlagBridgeTrace, "", "Append every frame between chain and kernel to this file, as JSON lines; compressed if its name ends with .zst")
	cmd.Flags().Int64(FlagBridgeTraceMaxSize, 0, "Size in bytes above which --bridge-trace continues in a new file and renames the old one to FILE.1, FILE.2, …; 0 for no limit")
}

// AddVMFlags adds the flags that determine how a command runs the VM's process.
func AddVMFlags(cmd *cobra.Command) {
	cmd.Flags().String(FlagSplitVM, "", "Entry point of the VM process, an executable or a Node.js script; implies --split")
	cmd.Flags().String(FlagSplitTransport, TransportAuto, "Transport of --split: shm (shared memory), pipe, or auto (shm if the VM supports it)")
	cmd.Flags().Duration(FlagHandshakeTimeout, defaultHandshakeTimeout, "Time limit for the VM to load its modules and answer the handshake")
	addNodeFlags(cmd)
	addJailFlags(cmd)
	addBridgeFlags(cmd)
}

// AddLogFlags adds the flags of logging.
func AddLogFlags(root *cobra.Command) {
	persistent := root.PersistentFlags()
	persistent.String(flags.FlagLogLevel, QuietLogLevel, "The logging level (trace|debug|info|warn|error|fatal|panic|disabled, or '*:<level>,<module>:<level>'); without it info, but little of CometBFT")
	persistent.Lookup(flags.FlagLogLevel).DefValue = "" // too long for every help
	persistent.String(flags.FlagLogFormat, "plain", "The logging format (json|plain)")
	persistent.Bool(flags.FlagLogNoColor, false, "Disable colored logs (as the variable NO_COLOR, and an output that is no terminal)")
	persistent.String(flags.FlagVerboseLogLevel, zerolog.DebugLevel.String(), "The logging level for operations that want more output, such as upgrades; none for the same as usual")
	persistent.Bool(server.FlagTrace, false, "Show the stack of an error")
}

// usesNoChain reports whether a command makes a transaction without a chain's
// name. The SDK then refuses a chain id, even one from client.toml.
func usesNoChain(set *pflag.FlagSet) bool {
	return isSet(set, flags.FlagOffline) && isSet(set, flags.FlagGenerateOnly)
}

// isSet reports whether a command has a flag of type bool that is true.
func isSet(set *pflag.FlagSet, name string) bool {
	value, err := set.GetBool(name)
	return err == nil && value
}
