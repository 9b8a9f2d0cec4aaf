package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

func TestAnArgumentIsTextAFileOrStandardInput(t *testing.T) {
	file := filepath.Join(t.TempDir(), "action.json")
	require.NoError(t, os.WriteFile(file, []byte("{\"a\":1}\n"), 0o600))
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, []byte("\n"), 0o600))
	for arg, want := range map[string]string{
		`{"b":2}`:  `{"b":2}`,
		"@" + file: `{"a":1}`,
		"-":        "from input",
		"@-":       "from input",
	} {
		cmd := &cobra.Command{}
		cmd.SetIn(strings.NewReader("from input\n"))
		got, err := textOrFile(cmd, arg)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := textOrFile(&cobra.Command{}, "@"+empty)
	require.EqualError(t, err, empty+" is empty")
	_, err = textOrFile(&cobra.Command{}, "@"+file+".none")
	require.ErrorIs(t, err, os.ErrNotExist)
}
