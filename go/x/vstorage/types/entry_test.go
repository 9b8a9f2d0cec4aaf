package types

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

func TestEntryJSON(t *testing.T) {
	for input, want := range map[string]struct {
		entry Entry
		text  string
	}{
		`["k","v"]`:        {NewEntry("k", "v"), `["k","v"]`},
		`[ "k" , "" ]`:     {NewEntry("k", ""), `["k",""]`},
		`["k",null]`:       {Entry{Key: "k"}, `["k"]`},
		`["k"]`:            {Entry{Key: "k"}, `["k"]`},
		`["k","<&\u0000"]`: {NewEntry("k", "<&\x00"), `["k","<&\u0000"]`},
	} {
		var entry Entry
		require.NoError(t, json.Unmarshal([]byte(input), &entry), input)
		require.Equal(t, want.entry, entry)
		text, err := vm.Marshal(entry)
		require.NoError(t, err)
		require.Equal(t, want.text, string(text))
	}
}

func TestEntryJSONRefusesOtherShapes(t *testing.T) {
	for _, input := range []string{`null`, `[]`, `[""]`, `[null]`, `["k","v","w"]`, `["k",1]`, `{"k":"v"}`, `"k"`} {
		var entry Entry
		require.Equal(t, errEntry, entry.UnmarshalJSON([]byte(input)), input)
	}
}
