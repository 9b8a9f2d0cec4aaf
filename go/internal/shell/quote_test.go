package shell

import "testing"

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{
		".agd": ".agd", "tcp://127.0.0.1:1": "tcp://127.0.0.1:1",
		"it's here": `'it'\''s here'`, "": "''", "~/x": "'~/x'", "a$b": "'a$b'", "[home]": "'[home]'",
	} {
		if got := Quote(word); got != want {
			t.Errorf("Quote(%q) = %s, want %s", word, got, want)
		}
	}
}
