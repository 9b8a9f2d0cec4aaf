package options

import (
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/app"
)

// EnvPrefix starts every environment option, in both modes. The SDK would take
// it from the executable's name, which is node's in-process.
const EnvPrefix = "AGD"

const (
	FlagSplit       = "split"
	FlagSplitVM     = "split-vm"
	FlagBridgeTrace = "bridge-trace"

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

# VMNodeArgs are options of Node.js itself for the VM's process, as words of a
# shell. (--vm-node-args, AGD_VM_NODE_ARGS)
vm-node-args = "{{ .VMNodeArgs }}"

`

func addNodeFlags(cmd *cobra.Command) {
	cmd.Flags().String(FlagVMInspect, "", "Start Node's inspector in the VM's process, at [HOST:]PORT; on loopback if there is no HOST, at any free port if PORT is 0")
	cmd.Flags().Lookup(FlagVMInspect).NoOptDefVal = DefaultInspectPort
	cmd.Flags().String(FlagVMNodeArgs, "", `Options of Node.js itself for the VM's process, as words of a shell: "--max-old-space-size=4096 --cpu-prof"`)
}

const jailTemplate = `# Jail confines the VM of split: its files, network, signals and system calls.
# auto: as far as this system can; on: or it is not started; off.
# (--jail, AGD_JAIL)
jail = "{{ .Jail }}"

# JailRead and JailWrite are files and directories, separated by commas, that
# the VM gets besides what the kernel needs. A name that ends with a slash is
# made as a directory. (--jail-read, AGD_JAIL_READ, …)
jail-read = "{{ .JailRead }}"
jail-write = "{{ .JailWrite }}"

`

func addJailFlags(cmd *cobra.Command) {
	cmd.Flags().String(FlagJail, JailAuto, "Confine the VM of --split: auto (as far as this system can), on (or refuse to start), or off")
	cmd.Flags().String(FlagJailRead, "", "Files and directories that a VM in the jail may read besides, separated by commas")
	cmd.Flags().String(FlagJailWrite, "", "The same, to read and write; a name that ends with a slash is made as a directory")
}

// AddStartFlags adds the flags of start that are not the SDK's.
func AddStartFlags(cmd *cobra.Command) {
	AddKernelFlags(cmd)
	cmd.Flags().String(app.FlagSwingStoreExportDir, "", "The kernel's store that an exported genesis belongs to (default HOME/config/swing-store)")
}

// AddKernelFlags adds what says how a command runs the kernel.
func AddKernelFlags(cmd *cobra.Command) {
	cmd.Flags().Bool(FlagSplit, false, "Run the kernel in a process of its own, connected by pipes; otherwise Node.js hosts both in one process")
	cmd.Flags().String(FlagSplitVM, "", "Entry point of the VM process, an executable or a script of Node.js; implies --split")
	cmd.Flags().String(FlagSplitTransport, TransportAuto, "What carries the frames of --split: shm (shared memory), pipe, or auto (shm if the VM can)")
	cmd.Flags().Duration(FlagHandshakeTimeout, defaultHandshakeTimeout, "How long the VM may take from its start until it answers, its modules loaded")
	addNodeFlags(cmd)
	addJailFlags(cmd)
	addBridgeFlags(cmd)
	cmd.Flags().String(FlagBridgeTrace, "", "Append every frame between chain and kernel to this file, as JSON lines")
}

// AddLogFlags adds what says how commands log.
func AddLogFlags(root *cobra.Command) {
	persistent := root.PersistentFlags()
	persistent.String(flags.FlagLogLevel, zerolog.InfoLevel.String(), "The logging level (trace|debug|info|warn|error|fatal|panic|disabled or '*:<level>,<key>:<level>')")
	persistent.String(flags.FlagLogFormat, "plain", "The logging format (json|plain)")
	persistent.Bool(flags.FlagLogNoColor, false, "Disable colored logs")
	persistent.String(flags.FlagVerboseLogLevel, zerolog.DebugLevel.String(), "The logging level for operations that want more output, such as upgrades; none for the same as usual")
	persistent.Bool(server.FlagTrace, false, "Show the stack of an error")
}
