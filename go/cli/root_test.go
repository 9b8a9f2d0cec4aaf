package cli

import (
	"errors"
	"strings"
	"testing"
)

func TestAnErrorIsOneLineWhateverTheVMSays(t *testing.T) {
	for text, want := range map[string]string{
		"block failed:\n\tno funds: \n":              "block failed; no funds",
		"refused: gone\r\x1b[2Kagd: all is well\n\n": `refused: gone\r\x1b[2Kagd: all is well`,
		"\u009b31m\u2028agd: \u202e":                 `\u009b31m\u2028agd: \u202e`,
		strings.Repeat("\x1b", maxErrorBytes+1):      strings.Repeat(`\x1b`, maxErrorBytes) + "… (16385 bytes)",
	} {
		if got := oneLine(errors.New(text)); got != want {
			t.Errorf("%.50q: got %.50q, want %.50q", text, got, want)
		}
	}
}
