package types

// DataOf returns the data of a path from the value of its entry in the store.
// There are none without an entry, and in an entry that only holds the place
// above other paths. Data may be empty.
func DataOf(stored []byte) (data string, found bool) {
	if len(stored) == 0 || stored[0] != 0 {
		return "", false
	}
	return string(stored[1:]), true
}
