package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheSuggestedCommandWorksAsTyped(t *testing.T) {
	for path, want := range map[string]string{
		"published": "`agd query vstorage children published`",
		"":          "`agd query vstorage children ''`",
	} {
		require.ErrorContains(t, &NoDataError{Path: path, Above: true}, want)
	}
}
