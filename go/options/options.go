// Package options reads agd's options: flags, environment and the configuration
// files of a home directory. The first source that has an option wins. The type
// Options holds agd's own. The environment is a parameter, as in os.Environ.
package options

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/internal/environ"
)

// option is one of the options of a command: a key of config.toml or app.toml,
// a flag, or both.
type option struct {
	// name is the key in the file, or the flag's name if no file has the key.
	name string
	kind reflect.Type
	// flag is nil if the command has none.
	flag *pflag.Flag
}

// hiddenOptions are keys that the SDK reads although no template and no flag
// has them.
var hiddenOptions = map[string]reflect.Type{
	server.FlagIAVLSyncPruning: reflect.TypeFor[bool](),
}

// optionsOf lists every option of a command with these flags. Two names with
// the same variable are one option: CometBFT's flag p2p.external-address is
// its key p2p.external_address.
func optionsOf(set *pflag.FlagSet) []option {
	byVariable := map[string]*pflag.Flag{}
	set.VisitAll(func(flag *pflag.Flag) { byVariable[envOf(flag.Name)] = flag })
	var all []option
	add := func(name string, kind reflect.Type) {
		flag := byVariable[envOf(name)]
		delete(byVariable, envOf(name))
		all = append(all, option{name, kind, flag})
	}
	eachKey(reflect.TypeFor[cmtcfg.Config](), "", add)
	eachKey(reflect.TypeFor[appConfig](), "", add)
	for name, kind := range hiddenOptions {
		add(name, kind)
	}
	set.VisitAll(func(flag *pflag.Flag) {
		if _, left := byVariable[envOf(flag.Name)]; left {
			all = append(all, option{flag.Name, kindOfFlag(flag), flag})
		}
	})
	return all
}

// eachKey calls add for each key that a configuration's struct has in its file.
func eachKey(kind reflect.Type, prefix string, add func(name string, kind reflect.Type)) {
	for field := range kind.Fields() {
		name, squashed, _ := strings.Cut(field.Tag.Get("mapstructure"), ",")
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case squashed == "squash":
			eachKey(inner, prefix, add)
		case name == "" || name == "-" || name == flags.FlagHome:
			// No key of a file: CometBFT gives each section the home directory.
		case inner.Kind() == reflect.Struct:
			eachKey(inner, prefix+name+".", add)
		default:
			add(prefix+name, inner)
		}
	}
}

// flagKinds are the types of flags by pflag's names; all others are text.
var flagKinds = map[string]reflect.Type{
	"bool":        reflect.TypeFor[bool](),
	"int":         reflect.TypeFor[int](),
	"int32":       reflect.TypeFor[int32](),
	"int64":       reflect.TypeFor[int64](),
	"uint":        reflect.TypeFor[uint](),
	"uint32":      reflect.TypeFor[uint32](),
	"uint64":      reflect.TypeFor[uint64](),
	"float64":     reflect.TypeFor[float64](),
	"duration":    reflect.TypeFor[time.Duration](),
	"intSlice":    reflect.TypeFor[[]int](),
	"stringSlice": reflect.TypeFor[[]string](),
}

func kindOfFlag(flag *pflag.Flag) reflect.Type {
	if kind, known := flagKinds[flag.Value.Type()]; known {
		return kind
	}
	return reflect.TypeFor[string]()
}

// givenOptions are the options of a command that something gives a value.
type givenOptions struct {
	options []option
	// sources maps an option's name to the source of its value.
	sources map[string]source
}

// source is the source of an option's value: a flag, a variable, or a file.
type source struct {
	name  string
	value any
}

// of adds the option and its source to an error.
func (s source) of(o option, err error) error {
	return fmt.Errorf("option %s: %s has %q: %w", o.name, s.name, fmt.Sprint(s.value), err)
}

// heedOptions checks every value against its option's type, and makes v return
// the value of the strongest source: flag, environment, then the files in their
// order. viper alone ignores variables for keys that no file has, and mistakes
// a variable with a section's name (AGD_BRIDGE) for the value of the section's
// options.
func heedOptions(v *viper.Viper, options []option, env []string, files []*viper.Viper) (givenOptions, error) {
	given := givenOptions{options, map[string]source{}}
	for _, o := range options {
		from, found := findValue(v, o, env, files)
		if !found {
			continue
		}
		decoded, err := o.decode(from.value)
		if err != nil {
			return given, from.of(o, err)
		}
		given.sources[o.name] = from
		byFlag := o.flag != nil && o.flag.Changed
		if !byFlag || o.flag.Name != o.name {
			v.Set(o.name, decoded)
		}
	}
	return given, nil
}

func findValue(v *viper.Viper, o option, env []string, files []*viper.Viper) (from source, found bool) {
	if o.flag != nil && o.flag.Changed {
		return source{"--" + o.flag.Name, v.Get(o.flag.Name)}, true
	}
	if text := environ.Get(env, envOf(o.name)); text != "" {
		return source{envOf(o.name), text}, true
	}
	for _, file := range files {
		if file.InConfig(o.name) {
			return source{file.ConfigFileUsed(), file.Get(o.name)}, true
		}
	}
	return source{}, false
}

// check returns the error of a check of v, with the faulty option and its
// source: the first option without which the error disappears.
func (g givenOptions) check(v *viper.Viper, check func(*viper.Viper) error) error {
	err := check(v)
	if err == nil {
		return nil
	}
	settings := v.AllSettings()
	for _, o := range g.options {
		from, given := g.sources[o.name]
		without := viper.New()
		if !given || without.MergeConfigMap(withoutOption(settings, o.name)) != nil {
			continue
		}
		if other := check(without); other == nil || other.Error() != err.Error() {
			return from.of(o, err)
		}
	}
	return err
}

// withoutOption returns settings without one of them.
func withoutOption(settings map[string]any, name string) map[string]any {
	section, rest, nested := strings.Cut(name, ".")
	others := maps.Clone(settings)
	if inner, is := others[section].(map[string]any); nested && is {
		others[section] = withoutOption(inner, rest)
	} else {
		delete(others, section)
	}
	return others
}

// decode returns a value of the option's type.
func (o option) decode(value any) (any, error) {
	if text, is := value.(string); is && o.kind.Kind() == reflect.Slice {
		value = listOf(text)
	}
	result := reflect.New(o.kind)
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		Result:           result.Interface(),
		WeaklyTypedInput: true,
		DecodeHook:       mapstructure.StringToTimeDurationHookFunc(),
	})
	if err != nil {
		return nil, err
	}
	if n, is := value.(float64); decoder.Decode(value) != nil || is && n != math.Trunc(n) && o.kind.Kind() != reflect.Float64 {
		return nil, fmt.Errorf("expected %s", expected(o.kind))
	}
	return result.Elem().Interface(), nil
}

// listOf parses a list from the environment: words separated by commas or
// spaces, or JSON.
func listOf(text string) any {
	var list []any
	if json.Unmarshal([]byte(text), &list) == nil {
		return list
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// expected describes the values of a type.
func expected(kind reflect.Type) string {
	switch kind.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int64:
		if kind == reflect.TypeFor[time.Duration]() {
			return "a duration, such as 5s"
		}
		return "an integer"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32:
		return "an integer"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "an integer of at least 0"
	case reflect.Float64:
		return "a number"
	case reflect.String:
		return "text"
	case reflect.Slice:
		switch kind.Elem().Kind() {
		case reflect.Int:
			return "integers, separated by commas"
		case reflect.String:
			return "words, separated by commas"
		}
	}
	return "a list as JSON"
}

// oneOf returns a check that an option has one of these values. The first is "",
// the default, which the error does not list.
func oneOf(option string, values ...string) func(*viper.Viper) error {
	return func(v *viper.Viper) error {
		if !slices.Contains(values, v.GetString(option)) {
			return fmt.Errorf("expected %s", alternatives(values[1:]))
		}
		return nil
	}
}

// alternatives lists values: "a", "a or b", "a, b or c".
func alternatives(values []string) string {
	last := len(values) - 1
	if last == 0 {
		return values[0]
	}
	return strings.Join(values[:last], ", ") + " or " + values[last]
}
