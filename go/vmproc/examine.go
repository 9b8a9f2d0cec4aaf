package vmproc

import (
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/jail"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// JailSupport returns the machine's support for confining agvm, and the reason
// if this home cannot have a jail at all; "": it can.
func JailSupport(files supervisor.Files, layout home.Layout) (jail.Support, error) {
	support, err := jailer{helper: files.Jail}.support([]string{"node"}, files.VM)
	if err == nil && layout != "" {
		err = ownState(layout)
	}
	return support, err
}

// OwnState returns an error if this is root, and the kernel's state belongs to
// somebody else.
func OwnState(layout home.Layout) error { return ownState(layout) }
