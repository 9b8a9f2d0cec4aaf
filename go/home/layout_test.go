package home

import "testing"

func TestALayoutNamesWhatIsInAHome(t *testing.T) {
	layout := Layout("/h")
	for want, got := range map[string]string{
		"/h/data":                          layout.Data(),
		"/h/data/application.db":           layout.ChainStore(),
		"/h/data/snapshots":                layout.Snapshots(),
		"/h/data/agoric":                   layout.KernelState(),
		"/h/data/agoric/swingstore.sqlite": layout.KernelStore(),
		"/h/data/vm-tmp":                   layout.VMTemp(),
		"/h/data/vm-in":                    layout.VMInput(),
		"/h/config/client.toml":            layout.ConfigFile("client"),
		"/h/config/swing-store":            layout.KernelExport(),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
