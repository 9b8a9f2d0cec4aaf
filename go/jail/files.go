package jail

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// system is what Node.js and xsnap read of the system: libraries, time zones,
// the number of CPUs, the amount of memory. None of it reveals other processes.
var system = []string{
	"/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib",
	"/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf", "/etc/crypto-policies", "/etc/localtime", "/usr/share/zoneinfo",
	"/etc/nsswitch.conf", "/etc/passwd",
	"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom",
	"/proc/cpuinfo", "/proc/loadavg", "/proc/meminfo", "/proc/stat", "/proc/uptime", "/proc/version",
	"/proc/sys/vm/overcommit_memory",
	"/sys/devices/system/cpu",
}

// VM is the input for a policy of the VM. Paths may be relative to the working
// directory.
type VM struct {
	// Node is the program that runs Entry, the VM's entry point.
	Node, Entry string
	// Helper is agd-vm-jail, which confines the workers further.
	Helper string
	// Config is a file that the kernel boots from, "" if it is a module's. Its
	// directory and its node_modules are readable, as for the entry point.
	Config string
	// Home is the node's home directory. The VM may access only State in it,
	// the directory of the kernel's state.
	Home, State string
	// Read and Write are additional paths for the VM. Missing paths to write
	// are created: a directory if the name ends with a slash, else a file.
	Read, Write []string
	// Listen are the ports of the inspector and of the kernel's metrics.
	Listen []Port
}

// Policy returns the policy of this VM. It creates the directory of the
// kernel's state.
func (vm VM) Policy() (Policy, error) {
	entry, err := realPath(vm.Entry)
	if err != nil {
		return Policy{}, err
	}
	workers, err := find(entry, "node_modules/@agoric/xsnap/xsnap-native/xsnap/build/bin/*/*/xsnap-worker")
	if err != nil {
		return Policy{}, err
	}
	exec, err := programs(append([]string{vm.Node, vm.Helper}, workers...))
	if err != nil {
		return Policy{}, err
	}
	installed, err := installation(entry)
	if err != nil {
		return Policy{}, err
	}
	write, err := made(append([]string{vm.State + "/"}, vm.Write...))
	if err != nil {
		return Policy{}, err
	}
	read := append(existing(system), installed...)
	if vm.Config != "" {
		code, err := vm.config()
		if err != nil {
			return Policy{}, err
		}
		read = append(read, code...)
	}
	for _, path := range vm.Read {
		real, err := realPath(path)
		if err != nil {
			return Policy{}, err
		}
		read = append(read, real)
	}
	p := Policy{Read: read, Write: append(write, existing([]string{"/dev/null"})...), Exec: exec, Listen: vm.Listen, MaxProcesses: maxProcesses}
	return p, p.sparesSecrets(vm.Home)
}

// config returns what a kernel that boots from vm.Config can import. If the
// directory contains the home, only the file itself is included.
func (vm VM) config() ([]string, error) {
	config, err := realPath(vm.Config)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // The kernel reports it.
	}
	if err != nil {
		return nil, err
	}
	code, err := installation(config)
	if err != nil {
		return nil, err
	}
	home, err := realPath(vm.Home)
	if err != nil {
		return nil, err
	}
	code = slices.DeleteFunc(code, func(path string) bool { return within(home, path) })
	return append(code, config), nil
}

// within reports whether a path is a directory or below it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}

// ForWorker returns the policy of a worker, within the VM's: it reads its own
// program and libraries, and writes nothing.
func ForWorker(program string) (Policy, error) {
	exec, err := programs([]string{program})
	return Policy{Read: existing(system), Exec: exec, Worker: true}, err
}

// sparesSecrets refuses a policy that would expose a home's keys.
func (p Policy) sparesSecrets(home string) error {
	real, err := realPath(home)
	if err != nil {
		return err
	}
	for _, secret := range []string{"config/priv_validator_key.json", "config/node_key.json", "data/priv_validator_state.json"} {
		secret = filepath.Join(real, secret)
		for _, path := range slices.Concat(p.Read, p.Write) {
			if within(secret, path) {
				return fmt.Errorf("%s would be in the jail, with %s: name a smaller part of it, or move the home", path, secret)
			}
		}
	}
	return nil
}

// installation returns the code that an entry point can import: its own
// directory, the node_modules of all directories above it, and their links'
// targets.
func installation(entry string) ([]string, error) {
	code := []string{filepath.Dir(entry)}
	modules, err := find(entry, "node_modules")
	if err != nil {
		return nil, err
	}
	for _, dir := range modules {
		code = append(code, dir)
		for _, pattern := range []string{"*", "@*/*"} {
			packages, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				return nil, err
			}
			for _, path := range packages {
				// Workspaces, and packages of a local directory.
				if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
					continue
				}
				if real, err := filepath.EvalSymlinks(path); err == nil {
					code = append(code, real)
				}
			}
		}
	}
	// The package's own package.json is beside its directories.
	descriptions, err := find(entry, "package.json")
	code = append(code, descriptions...)
	slices.Sort(code)
	return slices.Compact(code), err
}

// find returns what matches a pattern in the directories above a file.
func find(file, pattern string) ([]string, error) {
	var found []string
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		here, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, err
		}
		found = append(found, here...)
		if dir == filepath.Dir(dir) {
			return found, nil
		}
	}
}

// programs returns programs and their interpreters, which load their libraries.
func programs(paths []string) ([]string, error) {
	var found []string
	for _, path := range paths {
		real, err := realPath(path)
		if err != nil {
			return nil, err
		}
		found = append(found, real)
		loader, err := interpreter(real)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", real, err)
		}
		if loader != "" {
			if loader, err = realPath(loader); err != nil {
				return nil, err
			}
			found = append(found, loader)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// interpreter returns the program loader that an executable names, "" if none.
func interpreter(path string) (string, error) {
	file, err := elf.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			name, err := io.ReadAll(segment.Open())
			return strings.TrimRight(string(name), "\x00"), err
		}
	}
	return "", nil
}

func existing(paths []string) []string {
	var found []string
	for _, path := range paths {
		if real, err := realPath(path); err == nil {
			found = append(found, real)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// made returns the real paths of what a VM may write, and creates missing ones.
func made(paths []string) ([]string, error) {
	var found []string
	for _, path := range paths {
		if err := makeOne(path); err != nil {
			return nil, err
		}
		real, err := realPath(path)
		if err != nil {
			return nil, err
		}
		found = append(found, real)
	}
	return found, nil
}

func makeOne(path string) error {
	if strings.HasSuffix(path, "/") {
		return os.MkdirAll(path, 0o755)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return file.Close()
}

func realPath(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}
