package environ

import "testing"

func TestTheLastOfSeveralVariablesHolds(t *testing.T) {
	env := []string{"A=1", "AB=x", "A=2", "EMPTY="}
	for name, want := range map[string]struct {
		value string
		found bool
	}{
		"A":     {"2", true},
		"AB":    {"x", true},
		"EMPTY": {"", true},
		"B":     {"", false},
		"":      {"", false},
	} {
		value, found := Lookup(env, name)
		if value != want.value || found != want.found || Get(env, name) != want.value {
			t.Errorf("%s: got %q, %v", name, value, found)
		}
	}
	env = With(env, "A", "3")
	if Get(env, "A") != "3" || len(env) != 3 {
		t.Errorf("got %q", env)
	}
}
