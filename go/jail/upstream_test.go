package jail

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// upstreamInstalled puts agd-vm-jail beside the agvm of installed, and returns
// its path and the node's home.
func upstreamInstalled(t *testing.T) (helper, home string) {
	t.Helper()
	vm := installed(t)
	helper = filepath.Join(filepath.Dir(vm.Entry), "agd-vm-jail")
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	// Copies, because the real paths decide.
	text, err := os.ReadFile(vm.Node)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{helper, filepath.Join(bin, "node")} {
		if err := os.WriteFile(path, text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return helper, vm.Home
}

// upstreamVM is the VM that upstream's agd starts, with its environment.
func upstreamVM(helper string, args, env []string) (VM, []string, error) {
	vm, err := UpstreamPrograms(helper)
	if err != nil {
		return vm, nil, err
	}
	if err := vm.UpstreamHome(args); err != nil {
		return vm, nil, err
	}
	vmEnv, err := vm.UpstreamAccess(env)
	return vm, vmEnv, err
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAVMOfUpstreamsAgdMayWriteWhatItsConfigurationNames(t *testing.T) {
	helper, home := upstreamInstalled(t)
	write(t, filepath.Join(home, "config", "app.toml"), `
slogfile = "not-this"
[swingset]
slogfile = "own.slog"
vat-snapshot-archive-dir = ""
vat-transcript-archive-dir = '''
`+home+`/archive'''
`)
	args := []string{"--home", "/nowhere", "start", "--home=" + home, "--split-vm", helper}
	env := []string{"PATH=/bin", "SECRET=1", "AGVM_FROM_AGD=4", "AGD_JAIL_WRITE=" + home + "/more/," + home + "/one"}
	vm, vmEnv, err := upstreamVM(helper, args, env)
	if err != nil {
		t.Fatal(err)
	}
	if vm.Helper != helper || vm.Entry != filepath.Join(filepath.Dir(helper), "agvm") || !strings.HasSuffix(vm.Node, "/node") {
		t.Errorf("programs: %q, %q, %q", vm.Helper, vm.Node, vm.Entry)
	}
	if want := []string{"PATH=/bin", "AGVM_FROM_AGD=4", "TMPDIR=" + home + "/data/vm-tmp"}; !slices.Equal(vmEnv, want) {
		t.Errorf("environment: %q, expected %q", vmEnv, want)
	}
	policy, err := vm.Policy()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"archive", "data/agoric", "data/vm-tmp", "more", "one", "own.slog"}
	var got []string
	for _, path := range policy.Write {
		if name, found := strings.CutPrefix(path, home+"/"); found {
			got = append(got, name)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("writes %q, expected %q", got, want)
	}
}

func TestAVMOfUpstreamsAgdSharesTheTMPDIRThatIsNamed(t *testing.T) {
	helper, home := upstreamInstalled(t)
	temp := t.TempDir()
	vm, env, err := upstreamVM(helper, []string{"--home", home, "start"}, []string{"TMPDIR=" + temp})
	if err != nil || !slices.Contains(vm.Write, temp+"/") || !slices.Contains(env, "TMPDIR="+temp) {
		t.Errorf("%q, %q, %v", env, vm.Write, err)
	}
}

func TestAVMOfUpstreamsAgdIsRefusedInOneLine(t *testing.T) {
	helper, home := upstreamInstalled(t)
	for _, refused := range []struct {
		args, env []string
		helper    string
		want      string
	}{
		{args: []string{"start"}, want: "expected --home DIR"},
		{args: []string{"--home"}, want: "expected --home DIR"},
		{args: []string{"--home", home}, helper: os.Args[0], want: "no VM at "},
		{args: []string{"--home", home}, env: []string{EnvMetricsPort + "=x"}, want: EnvMetricsPort + `: expected a port, got "x"`},
	} {
		at := helper
		if refused.helper != "" {
			at = refused.helper
		}
		_, _, err := upstreamVM(at, refused.args, refused.env)
		if err == nil || !strings.HasPrefix(err.Error(), refused.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, expected %s", refused.args, err, refused.want)
		}
	}
	for text, want := range map[string]string{
		"[swingset\n":                              "toml: ",
		"swingset = 1":                             "toml: ",
		"[swingset]\nslogfile = [1,\n2]":           "swingset.slogfile: expected a path in quotes, got [1 2]",
		"[swingset]\nslogfile = 2020-01-02":        "swingset.slogfile: expected a path in quotes, got 2020-01-02",
		"swingset.vat-snapshot-archive-dir = true": "swingset.vat-snapshot-archive-dir: expected a path in quotes, got true",
	} {
		path := filepath.Join(home, "config", "app.toml")
		write(t, path, text)
		_, _, err := upstreamVM(helper, []string{"--home", home}, nil)
		if err == nil || !strings.HasPrefix(err.Error(), path+": "+want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, expected %s", text, err, want)
		}
	}
}
