package types

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// PathSeparator separates the segments of a path. The empty path is the root.
const PathSeparator = "."

// keySeparator replaces the path's separators in a key; no segment contains it.
const keySeparator = 0

// ValidatePath returns an error unless path is a sequence of zero or more
// segments of ASCII letters, digits, "_" and "-".
func ValidatePath(path string) error {
	if path == "" {
		return nil
	}
	for i := 0; i < len(path); i++ {
		if c := path[i]; !isSegmentByte(c) && c != PathSeparator[0] {
			return wrong(path, "contains invalid characters")
		}
	}
	switch {
	case strings.HasPrefix(path, PathSeparator):
		return wrong(path, "starts with separator")
	case strings.HasSuffix(path, PathSeparator):
		return wrong(path, "ends with separator")
	case strings.Contains(path, PathSeparator+PathSeparator):
		return wrong(path, "contains doubled separators")
	}
	return nil
}

// wrong returns an error that vats may read. It is the same in every build:
// which characters beyond ASCII Go considers printable changes with its
// version.
func wrong(path, what string) error {
	if len(path) > maxShown {
		return fmt.Errorf("path %+q… %s", path[:maxShown], what)
	}
	return fmt.Errorf("path %+q %s", path, what)
}

// maxShown is the maximum number of bytes of a path in an error.
const maxShown = 200

func isSegmentByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// PathToKey returns the store key of a valid path: its depth in decimal, NUL,
// and the path with NUL for its separators. The depth comes first so that the
// children of a path are adjacent in the store.
func PathToKey(path string) []byte {
	if path == "" {
		return appendKey(0, "")
	}
	return appendKey(1+strings.Count(path, PathSeparator), path)
}

// ChildrenPrefix returns the common prefix of the keys of a valid path's
// children, and of no others.
func ChildrenPrefix(path string) []byte {
	if path == "" {
		return appendKey(1, "")
	}
	return append(appendKey(2+strings.Count(path, PathSeparator), path), keySeparator)
}

// KeyToPath is the inverse of PathToKey.
func KeyToPath(key []byte) (string, error) {
	_, path, found := bytes.Cut(key, []byte{keySeparator})
	if !found {
		return "", fmt.Errorf("key %q has no depth", key)
	}
	return string(bytes.ReplaceAll(path, []byte{keySeparator}, []byte(PathSeparator))), nil
}

// ParentPath returns the path above a path that is not the root.
func ParentPath(path string) string {
	return path[:max(0, strings.LastIndex(path, PathSeparator))]
}

func appendKey(depth int, path string) []byte {
	key := make([]byte, 0, len(path)+8)
	key = strconv.AppendInt(key, int64(depth), 10)
	key = append(key, keySeparator)
	start := len(key)
	key = append(key, path...)
	for i := start; i < len(key); i++ {
		if key[i] == PathSeparator[0] {
			key[i] = keySeparator
		}
	}
	return key
}
