package pretty

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A node is one of: nil, bool, json.Number, string, word, []node, *object.
type node any

// word is a value that JSON does not have, as people write it: 12n, undefined.
type word string

// object keeps the order of its members.
type object struct {
	names  []string
	values []node
}

func (o *object) get(name string) (node, bool) {
	for i, each := range o.names {
		if each == name {
			return o.values[i], true
		}
	}
	return nil, false
}

// text is a member that is a string.
func (o *object) text(name string) (string, bool) {
	value, _ := o.get(name)
	text, is := value.(string)
	return text, is
}

// parse reads one JSON text.
func parse(text string) (node, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	value, err := parseNext(decoder, 0)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON text")
	}
	return value, nil
}

// maxDepth bounds the nesting of a tree; deeper values are shown unchanged.
const maxDepth = 200

func parseNext(decoder *json.Decoder, depth int) (node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	delim, is := token.(json.Delim)
	if !is {
		return token, nil
	}
	if depth >= maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	if delim == '[' {
		list := []node{}
		for decoder.More() {
			value, err := parseNext(decoder, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = decoder.Token()
		return list, err
	}
	members := &object{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		value, err := parseNext(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		members.names = append(members.names, name.(string))
		members.values = append(members.values, value)
	}
	_, err = decoder.Token()
	return members, err
}
