package vm

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// methods.json has the params and the result of each method. `make schemas`
// generates it from packages/agvm/src/schemas.ts, which agvm uses for its own
// checks.
//
//go:embed methods.json
var methodsJSON []byte

// methods are the methods of methods.json by name.
var methods = readMethods()

// method is one method between chain and kernel.
type method struct {
	Direction string // upcall or downcall
	// Block marks an upcall that is a block action, and a downcall that is
	// served only during one.
	Block bool

	// schemas compiles on first use, because most commands of agd call no
	// method.
	schemas func() schemas
}

type schemas struct {
	params, result *jsonschema.Schema
	// plain are the plain ones among the schemas of single values.
	plain map[*jsonschema.Schema]plain
}

func readMethods() map[string]*method {
	var methods map[string]*method
	if err := json.Unmarshal(methodsJSON, &methods); err != nil {
		panic(fmt.Sprintf("methods.json: %v", err))
	}
	for name, m := range methods {
		m.schemas = sync.OnceValue(func() schemas { return compile(name) })
	}
	return methods
}

// schemaDocument is methods.json in the form that the validator and violation
// read.
var schemaDocument = sync.OnceValue(func() any {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(methodsJSON))
	if err != nil {
		panic(fmt.Sprintf("methods.json: %v", err))
	}
	return document
})

func compile(name string) schemas {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("methods.json", schemaDocument()); err != nil {
		panic(err)
	}
	part := func(part string) *jsonschema.Schema {
		return compiler.MustCompile("methods.json#/" + name + "/" + part)
	}
	params, result := part("params"), part("result")
	return schemas{params: params, result: result, plain: plainSchemas(params, result)}
}

func blockActions() []string {
	return namesOf(func(m *method) bool { return m.Direction == "upcall" && m.Block })
}

func downcallMethods() []string {
	return namesOf(func(m *method) bool { return m.Direction == "downcall" })
}

func namesOf(wanted func(*method) bool) []string {
	var names []string
	for name, m := range methods {
		if wanted(m) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// lookup returns a method of methods.json.
func lookup(name, direction string) (*method, error) {
	m, found := methods[name]
	if !found || m.Direction != direction {
		return nil, fmt.Errorf("no %s %q in methods.json", direction, name)
	}
	return m, nil
}

// checkParams returns a one-line error that names the param that violates the
// method's schema. It checks one param at a time, so that errors stay short.
func (m *method) checkParams(params []json.RawMessage) error {
	schemas := m.schemas()
	schema := schemas.params
	if schema.MinItems != nil && len(params) < *schema.MinItems ||
		schema.MaxItems != nil && len(params) > *schema.MaxItems {
		return fmt.Errorf("params: expected %s", countOf(*schema.MinItems, *schema.MaxItems))
	}
	for i, param := range params {
		element := schema.Items2020
		if i < len(schema.PrefixItems) {
			element = schema.PrefixItems[i]
		}
		if fault := schemas.check(element, param); fault != "" {
			return fmt.Errorf("params[%d]%s", i, fault)
		}
	}
	return nil
}

// checkResult returns a one-line error if a result violates the method's
// schema.
func (m *method) checkResult(result json.RawMessage) error {
	schemas := m.schemas()
	if fault := schemas.check(schemas.result, result); fault != "" {
		return errors.New("result" + fault)
	}
	return nil
}

// check returns the violation, worded to follow the value's name, or "".
func (s schemas) check(schema *jsonschema.Schema, raw json.RawMessage) (fault string) {
	if plain, is := s.plain[schema]; is && plain.has(raw) {
		return ""
	}
	value, err := parse(raw)
	if err != nil {
		return ": expected a JSON value"
	}
	if err := schema.Validate(value); err != nil {
		return violation(err)
	}
	return ""
}

// parse parses a value as JavaScript does: numbers are doubles, including
// infinite ones.
func parse(raw json.RawMessage) (value any, err error) {
	if json.Unmarshal(raw, &value) == nil {
		return value, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	return doubles(value), nil
}

func doubles(value any) any {
	switch value := value.(type) {
	case json.Number:
		number, _ := strconv.ParseFloat(string(value), 64)
		return number
	case []any:
		for i, element := range value {
			value[i] = doubles(element)
		}
	case map[string]any:
		for name, member := range value {
			value[name] = doubles(member)
		}
	}
	return value
}

// Checked wraps a downcall in the checks of its params and its result. Its
// errors are Refusals and Failures. The controller serves only checked
// downcalls; tests of a module's downcalls should use it too.
func Checked(name string, call Downcall) (Downcall, error) {
	m, err := lookup(name, "downcall")
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
		if err := m.checkParams(params); err != nil {
			return nil, Refuse(name + ": " + err.Error())
		}
		result, err := answer(name, call, ctx, params)
		if err != nil {
			return nil, err
		}
		if err := m.checkResult(result); err != nil {
			return nil, Refuse(err.Error())
		}
		return result, nil
	}, nil
}
