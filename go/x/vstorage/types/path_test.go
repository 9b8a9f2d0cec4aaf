package types

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValidatePath(t *testing.T) {
	for path, want := range map[string]string{
		"":                       "",
		"foo":                    "",
		"foo.bar__baz.Q-0--1":    "",
		".foo":                   `path ".foo" starts with separator`,
		"foo.":                   `path "foo." ends with separator`,
		"foo..bar":               `path "foo..bar" contains doubled separators`,
		".":                      `path "." starts with separator`,
		"foo/bar":                `path "foo/bar" contains invalid characters`,
		"fo\x00o":                `path "fo\x00o" contains invalid characters`,
		"foö":                    `path "fo\u00f6" contains invalid characters`,
		"fo\U0001fae9":           `path "fo\U0001fae9" contains invalid characters`,
		strings.Repeat("/", 201): `path "` + strings.Repeat("/", 200) + `"… contains invalid characters`,
		"foo bar":                `path "foo bar" contains invalid characters`,
	} {
		err := ValidatePath(path)
		if want == "" {
			require.NoError(t, err, path)
		} else {
			require.EqualError(t, err, want)
		}
	}
}

// The keys are Agoric's: proofs and followers depend on them.
func TestPathToKey(t *testing.T) {
	for path, want := range map[string]string{
		"":            "0\x00",
		"foo":         "1\x00foo",
		"foo.bar":     "2\x00foo\x00bar",
		"a.b.c.d.e.f": "6\x00a\x00b\x00c\x00d\x00e\x00f",
	} {
		key := PathToKey(path)
		require.Equal(t, want, string(key))
		back, err := KeyToPath(key)
		require.NoError(t, err)
		require.Equal(t, path, back)
	}
	_, err := KeyToPath([]byte("no separator"))
	require.Error(t, err)
}

func TestChildrenPrefixMatchesChildrenOnly(t *testing.T) {
	paths := []string{"", "a", "a.b", "a.b.c", "a.bc", "ab", "ab.c", "b", "b.a"}
	for path, want := range map[string][]string{
		"":    {"a", "ab", "b"},
		"a":   {"a.b", "a.bc"},
		"a.b": {"a.b.c"},
		"b":   {"b.a"},
		"ab":  {"ab.c"},
		"z":   nil,
	} {
		children := slices.DeleteFunc(slices.Clone(paths), func(p string) bool {
			return !bytes.HasPrefix(PathToKey(p), ChildrenPrefix(path))
		})
		require.ElementsMatch(t, want, children, "children of %q", path)
	}
}

func TestParentPath(t *testing.T) {
	require.Equal(t, "a.b", ParentPath("a.b.c"))
	require.Equal(t, "", ParentPath("a"))
}
