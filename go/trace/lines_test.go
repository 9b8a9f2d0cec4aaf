package trace_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/trace"
)

// told passes on the calls of a sink, in order.
type told chan string

func (c told) Line(text []byte, complete bool, err error) error {
	switch {
	case err != nil:
		c <- err.Error()
	case !complete:
		c <- "part: " + string(text)
	default:
		c <- string(text)
	}
	return nil
}

func (c told) Restarted() error { c <- "restarted"; return nil }
func (c told) Idle() error      { return nil }

// followed follows a new file for the length of a test.
func followed(t *testing.T, text string) (file *os.File, lines told) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(t.TempDir(), "t.jsonl"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	require.NoError(t, err)
	appendTo(t, file, text)
	ctx, cancel := context.WithCancel(context.Background())
	lines, done := make(told), make(chan error)
	go func() { done <- trace.Follow(ctx, file.Name(), lines) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
		require.NoError(t, file.Close())
	})
	return file, lines
}

func appendTo(t *testing.T, file *os.File, text string) {
	t.Helper()
	_, err := file.WriteString(text)
	require.NoError(t, err)
}

func TestAFollowedFileIsReadAsItGrows(t *testing.T) {
	file, lines := followed(t, "one\ntw")
	require.Equal(t, "one", <-lines)
	appendTo(t, file, "o\n")
	require.Equal(t, "two", <-lines)
	long := strings.Repeat("x", 3<<20)
	appendTo(t, file, long)
	appendTo(t, file, "\nend\n")
	require.Equal(t, long, <-lines)
	require.Equal(t, "end", <-lines)
}

func TestAFollowedFileThatIsTruncatedIsReadFromItsBeginning(t *testing.T) {
	file, lines := followed(t, "one\nhalf a line")
	require.Equal(t, "one", <-lines)
	require.NoError(t, file.Truncate(0))
	require.Equal(t, "part: half a line", <-lines)
	require.Equal(t, "restarted", <-lines)
	appendTo(t, file, "two\n")
	require.Equal(t, "two", <-lines)
}

func TestAFollowedNameThatIsGivenToAnotherFileIsFollowedThere(t *testing.T) {
	file, lines := followed(t, "one\n")
	require.Equal(t, "one", <-lines)
	require.NoError(t, os.Rename(file.Name(), file.Name()+".1"))
	appendTo(t, file, "still the old one\n")
	require.NoError(t, os.WriteFile(file.Name(), []byte("two\n"), 0o600))
	require.Equal(t, "still the old one", <-lines)
	require.Equal(t, "restarted", <-lines)
	require.Equal(t, "two", <-lines)
}

func TestAFileThatIsNotThereCannotBeFollowed(t *testing.T) {
	require.ErrorIs(t, trace.Follow(context.Background(), "/no/such/file", make(told)), os.ErrNotExist)
}
