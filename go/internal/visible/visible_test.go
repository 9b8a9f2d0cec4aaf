package visible_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/internal/visible"
)

func TestVisibleTextStaysOnItsLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "",
		"plain \"text\" \\n\tand é 漢 🎉":    "plain \"text\" \\n\tand é 漢 🎉",
		"half\rINF committed":              `half\rINF committed`,
		"a\nb\vc\fd\u2028e\u0085f":         `a\nb\vc\fd\u2028e\u0085f`,
		"\x1b[2J\x1b]0;title\a\x7f\x00":    `\x1b[2J\x1b]0;title\a\x7f\x00`,
		"\u009b31m and \u202egnp.\u2066":   `\u009b31m and \u202egnp.\u2066`,
		"\x9b31m, cut off \xe6\xbc":        `\x9b31m, cut off \xe6\xbc`,
		"\ufffd is a character, \ufeff no": "\ufffd" + ` is a character, \ufeff no`,
	} {
		require.Equal(t, want, visible.Text(text))
	}
}
