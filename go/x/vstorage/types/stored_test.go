package types

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnEntryHasDataOrHoldsThePlace(t *testing.T) {
	for stored, want := range map[string]struct {
		data  string
		found bool
	}{
		"":      {"", false},
		"\xff":  {"", false},
		"\x00":  {"", true},
		"\x00a": {"a", true},
	} {
		data, found := DataOf([]byte(stored))
		require.Equal(t, want.data, data)
		require.Equal(t, want.found, found, "%q", stored)
	}
}
