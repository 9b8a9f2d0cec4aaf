package vm

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Most schemas of the downcalls require only a string, a boolean, null, or an
// array of a fixed number of these. The bridge passes JSON values on unchanged,
// and the first byte of a JSON value shows its type, so such a value is
// accepted unparsed. Everything else, and every refusal, goes to the validator.

// plain is the requirement of a schema that is as simple as that.
type plain struct {
	// first are the allowed first bytes of the value.
	first string
	// elements, if not nil, are the requirements of an array's elements.
	elements []plain
}

// firstBytes are the possible first bytes of each type's values.
var firstBytes = map[string]string{"string": `"`, "boolean": "tf", "null": "n"}

// plainOf reports whether a schema is plain, and returns its requirement.
func plainOf(schema *jsonschema.Schema) (p plain, is bool) {
	node := schemaAt(schema.Location)
	switch {
	case node["type"] == "array" && len(node) == 4 && len(schema.PrefixItems) > 0 &&
		schema.MinItems != nil && *schema.MinItems == len(schema.PrefixItems) &&
		schema.MaxItems != nil && *schema.MaxItems == len(schema.PrefixItems):
		for _, element := range schema.PrefixItems {
			of, is := plainOf(element)
			if !is || of.elements != nil {
				return plain{}, false
			}
			p.elements = append(p.elements, of)
		}
		return p, true
	case node["type"] == "boolean" && len(node) == 2 && node["const"] == true:
		return plain{first: "t"}, true
	case len(node) != 1:
		return plain{}, false
	}
	types, isList := node["type"].([]any)
	if !isList {
		types = []any{node["type"]}
	}
	for _, name := range types {
		first, known := firstBytes[fmt.Sprint(name)]
		if !known {
			return plain{}, false
		}
		p.first += first
	}
	return p, true
}

// plainSchemas returns the plain ones among a method's schemas of single
// values.
func plainSchemas(params, result *jsonschema.Schema) map[*jsonschema.Schema]plain {
	all := map[*jsonschema.Schema]plain{}
	for _, schema := range append([]*jsonschema.Schema{result, params.Items2020}, params.PrefixItems...) {
		if schema == nil {
			continue
		}
		if p, is := plainOf(schema); is {
			all[schema] = p
		}
	}
	return all
}

// has reports whether a JSON value fulfils the requirement.
func (p plain) has(raw json.RawMessage) bool {
	if p.elements == nil {
		return len(raw) > 0 && strings.IndexByte(p.first, raw[0]) >= 0
	}
	elements, flat := Elements(raw)
	if !flat || len(elements) != len(p.elements) {
		return false
	}
	for i, element := range elements {
		if !p.elements[i].has(element) {
			return false
		}
	}
	return true
}

// Elements splits the text of a JSON array that contains no arrays or objects.
// flat is false if it does, or if the value is not an array.
func Elements(raw json.RawMessage) (elements []json.RawMessage, flat bool) {
	if len(raw) < 2 || raw[0] != '[' {
		return nil, false
	}
	elements = make([]json.RawMessage, 0, 2)
	for i := skipSpace(raw, 1); i < len(raw) && raw[i] != ']'; {
		end := scalarEnd(raw, i)
		if end == i {
			return nil, false
		}
		elements = append(elements, raw[i:end])
		i = skipSpace(raw, end)
		if i < len(raw) && raw[i] == ',' {
			i = skipSpace(raw, i+1)
		}
	}
	return elements, true
}

// scalarEnd returns the end of the string, number or word that starts at i, or
// i if none does.
func scalarEnd(raw json.RawMessage, i int) int {
	if raw[i] != '"' {
		for i < len(raw) && strings.IndexByte("[]{},\" \t\r\n", raw[i]) < 0 {
			i++
		}
		return i
	}
	for end := i + 1; end < len(raw); end++ {
		switch raw[end] {
		case '\\':
			end++
		case '"':
			return end + 1
		}
	}
	return i
}

func skipSpace(raw json.RawMessage, i int) int {
	for i < len(raw) && strings.IndexByte(" \t\r\n", raw[i]) >= 0 {
		i++
	}
	return i
}
