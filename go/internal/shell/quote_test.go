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

func TestHints(t *testing.T) {
	for message, want := range map[string]string{
		"see `agd keys list`":             `see "agd keys list --home '/my net'"`,
		"run `make build`, or `agd init`": `run "make build", or "agd init --home '/my net'"`,
		"`agd status --home /x`":          `"agd status --home /x"`,
		"one ` alone":                     "one ` alone",
	} {
		if got := Hints(message, "/my net"); got != want {
			t.Errorf("Hints(%q) = %s, want %s", message, got, want)
		}
	}
	if got, want := Hints("see `agd keys list`", ""), `see "agd keys list"`; got != want {
		t.Errorf("without a home: %s, want %s", got, want)
	}
}
