package home

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheHolderOfAHomesLockIsFound(t *testing.T) {
	dir := t.TempDir()
	require.Zero(t, Holder(dir), "no data yet")
	lock, err := Lock(dir)
	require.NoError(t, err)
	require.Equal(t, os.Getpid(), Holder(dir))
	_, err = Lock(dir)
	require.ErrorIs(t, err, ErrRuns)
	require.EqualError(t, err, fmt.Sprintf("another agd runs on %s: stop it first (process %d)", dir, os.Getpid()))
	require.NoError(t, lock.Close())
	require.Zero(t, Holder(dir))
}

func TestOnlyAnExclusiveFlockOfTheFileCounts(t *testing.T) {
	locks := `1: POSIX  ADVISORY  WRITE 11 fe:00:77 0 EOF
2: FLOCK  ADVISORY  READ 12 fe:00:77 0 EOF
3: FLOCK  ADVISORY  WRITE 13 fe:01:77 0 EOF
3: -> FLOCK  ADVISORY  WRITE 14 fe:00:77 0 EOF
4: FLOCK  ADVISORY  WRITE 15 fe:00:77 0 EOF
`
	require.Equal(t, 15, holderIn(locks, 0xfe, 0, 77))
	require.Zero(t, holderIn(locks, 0xfe, 0, 78))
}
