package vm

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// The text of a schema violation: where the value violates its schema, and what
// was expected there. agvm has the same text (packages/agvm/src/check.ts).
// docs/protocol.md lists the words, test/vectors/schemas.json has examples.

// fault is one violation in a value.
type fault struct {
	path []string
	// order is the order of faults at one path.
	order faultOrder
	// member is the name of the missing or unexpected member.
	member string
	what   string
}

type faultOrder int

const (
	notExpected faultOrder = iota
	missing
	unexpected
)

// violation words the first fault that the validator found, such as `.address:
// expected string`, to follow the name of the value.
func violation(err error) string {
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return ": expected another value" // the library has no other errors
	}
	first := slices.MinFunc(faultsOf(failed, nil), compareFaults)
	var text strings.Builder
	for _, token := range first.path {
		writeToken(&text, token)
	}
	if first.member != "" {
		writeToken(&text, first.member)
	}
	return text.String() + ": " + first.what
}

func writeToken(text *strings.Builder, token string) {
	if token[0] >= '0' && token[0] <= '9' {
		text.WriteString("[" + token + "]")
	} else {
		text.WriteString("." + token)
	}
}

// faultsOf appends the leaves of the validator's error tree to faults.
func faultsOf(failed *jsonschema.ValidationError, faults []fault) []fault {
	if len(failed.Causes) > 0 {
		for _, cause := range failed.Causes {
			faults = faultsOf(cause, faults)
		}
		return faults
	}
	fault := fault{path: failed.InstanceLocation}
	switch failure := failed.ErrorKind.(type) {
	case *kind.Required:
		fault.order, fault.member, fault.what = missing, slices.Min(failure.Missing), "missing"
	case *kind.AdditionalProperties:
		fault.order, fault.what = unexpected, "unexpected member"
		if simple := slices.DeleteFunc(failure.Properties, isOddName); len(simple) > 0 {
			fault.member, fault.what = slices.Min(simple), "unexpected"
		}
	case *kind.MinItems, *kind.MaxItems:
		schema := schemaAt(failed.SchemaURL)
		fault.what = "expected " + countOf(intOf(schema["minItems"]), intOf(schema["maxItems"]))
	default:
		fault.what = "expected " + nameOf(schemaAt(failed.SchemaURL))
	}
	return append(faults, fault)
}

// compareFaults orders a value before its parts, elements by index, and members
// by name.
func compareFaults(a, b fault) int {
	if byPath := slices.CompareFunc(a.path, b.path, compareTokens); byPath != 0 {
		return byPath
	}
	return int(a.order - b.order)
}

func compareTokens(a, b string) int {
	i, err := strconv.Atoi(a)
	j, err2 := strconv.Atoi(b)
	if err == nil && err2 == nil {
		return i - j
	}
	return strings.Compare(a, b)
}

var simpleName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// isOddName reports whether a member's name is not shown, because it could be
// of any length and kind.
func isOddName(name string) bool { return !simpleName.MatchString(name) }

// schemaAt returns the schema at a validator's location in methods.json.
func schemaAt(location string) map[string]any {
	_, pointer, _ := strings.Cut(location, "#/")
	at := schemaDocument()
	for token := range strings.SplitSeq(pointer, "/") {
		switch value := at.(type) {
		case map[string]any:
			at = value[token]
		case []any:
			at = value[intOf(json.Number(token))]
		}
	}
	schema, _ := at.(map[string]any)
	return schema
}

// nameOf returns what a schema describes.
func nameOf(schema map[string]any) string {
	if title, ok := schema["title"].(string); ok {
		return title
	}
	if value, ok := schema["const"]; ok {
		return jsonText(value)
	}
	if values, ok := schema["enum"].([]any); ok {
		return joined(values, jsonText)
	}
	if types, ok := schema["type"].([]any); ok {
		return joined(types, func(name any) string { return fmt.Sprint(name) })
	}
	return fmt.Sprint(schema["type"])
}

func joined(values []any, text func(any) string) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = text(value)
	}
	return strings.Join(texts, " or ")
}

func jsonText(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

// countOf words the allowed number of elements of an array.
func countOf(least, most int) string {
	switch {
	case least != most:
		return fmt.Sprintf("%d to %d elements", least, most)
	case least == 1:
		return "1 element"
	default:
		return fmt.Sprintf("%d elements", least)
	}
}

func intOf(number any) int {
	text, _ := number.(json.Number)
	n, _ := strconv.Atoi(string(text))
	return n
}
