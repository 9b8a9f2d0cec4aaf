package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMessagesOfAMailboxAreReadFromText(t *testing.T) {
	msg, err := parseMessages(`[[[1,"a"],[2,"b"]],7]`, nil)
	require.NoError(t, err)
	require.Equal(t, []uint64{1, 2}, msg.Nums)
	require.Equal(t, []string{"a", "b"}, msg.Messages)
	require.Equal(t, uint64(7), msg.Ack)
	for _, text := range []string{
		``, `[]`, `[[]]`, `[[],-1]`, `[[],1.5]`, `[null,1]`, `[[],1,2]`, `[[[1]],1]`, `[[[1,"a",0]],1]`, `[[["1","a"]],1]`, `[[[1,2]],1]`,
	} {
		_, err := parseMessages(text, nil)
		require.ErrorIs(t, err, errMessages, text)
	}
}
