package vm

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// agvmChecks writes agvm's check of each value on stdin, under the kernel's
// lockdown.
const agvmChecks = `
import '@endo/init/legacy.js';
import { checkedCaller, messageOf } from './packages/bridge/dist/index.js';
import { downcallChecks, upcallChecks } from './packages/agvm/dist/schemas.js';

const checks = { ...downcallChecks, ...upcallChecks };
let input = '';
for await (const chunk of process.stdin) input += chunk;
const said = JSON.parse(input).map(({ Method, Side, Texts }) => {
  const bridge = { callSync: () => Texts[0] };
  const caller = checkedCaller(bridge, { [Method]: { [Side]: checks[Method][Side] } });
  try {
    caller.callSync(Method, Side === 'params' ? Texts : []);
    return '';
  } catch (error) {
    return messageOf(error).replace(Method + ': ', '');
  }
});
console.log(JSON.stringify(said));
`

// question is one value: the texts of all params, or of the result.
type question struct {
	Method, Side string
	Texts        []string
}

func (q question) raw() []json.RawMessage {
	raw := make([]json.RawMessage, len(q.Texts))
	for i, text := range q.Texts {
		raw[i] = json.RawMessage(text)
	}
	return raw
}

func TestBothEndsSayTheSameOfBrokenValues(t *testing.T) {
	root := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(root, "packages", "agvm", "dist", "schemas.js")); err != nil {
		t.Skip("agvm is not built: run make build")
	}
	random := mutator{rand.New(rand.NewPCG(1, 2))}
	var questions []question
	for _, v := range vectors(t) {
		if v.Message != nil {
			continue
		}
		for range 40 {
			questions = append(questions, random.question(t, v))
		}
	}
	input, err := json.Marshal(questions)
	require.NoError(t, err)
	node := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", agvmChecks)
	node.Dir = root
	node.Stdin = strings.NewReader(string(input))
	node.Stderr = os.Stderr
	output, err := node.Output()
	require.NoError(t, err)
	var said []string
	require.NoError(t, json.Unmarshal(output, &said))
	require.Len(t, said, len(questions))

	refused := 0
	for i, q := range questions {
		m, raw := methods[q.Method], q.raw()
		err := m.checkParams(raw)
		if q.Side == "result" {
			err = m.checkResult(raw[0])
		}
		if err == nil {
			require.Empty(t, said[i], "%v", q)
			continue
		}
		refused++
		require.Equal(t, err.Error(), said[i], "%v", q)
	}
	require.Greater(t, refused, len(questions)/2, "most of the values are broken")
}

// mutator makes values invalid.
type mutator struct{ *rand.Rand }

func (m mutator) question(t *testing.T, v vector) question {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(v.Value)))
	decoder.UseNumber()
	var value any
	require.NoError(t, decoder.Decode(&value))
	for range 1 + m.IntN(3) {
		value = m.mutate(value)
	}
	q := question{Method: v.Method, Side: v.Side, Texts: []string{}}
	params, isArray := value.([]any)
	if v.Side == "result" || !isArray {
		params = []any{value}
	}
	for _, param := range params {
		text, err := json.Marshal(param)
		require.NoError(t, err)
		q.Texts = append(q.Texts, string(text))
	}
	return q
}

// mutate changes one part of a value, at any depth.
func (m mutator) mutate(value any) any {
	switch value := value.(type) {
	case []any:
		if len(value) > 0 && m.IntN(4) > 0 {
			i := m.IntN(len(value))
			value[i] = m.mutate(value[i])
			return value
		}
		return m.pick(append(value, m.scalar()), slices.Clone(value[:len(value)/2]), m.scalar())
	case map[string]any:
		names := slices.Sorted(maps.Keys(value))
		if len(names) > 0 && m.IntN(4) > 0 {
			name := names[m.IntN(len(names))]
			value[name] = m.mutate(value[name])
			return value
		}
		switch m.IntN(3) {
		case 0:
			if len(names) > 0 {
				delete(value, names[m.IntN(len(names))])
			}
		case 1:
			name := m.pick("zz", "Address", "b", "not an identifier", "", "0", "__proto__", "toString", "ü", strings.Repeat("n", 65))
			value[fmt.Sprint(name)] = m.scalar()
		default:
			return m.scalar()
		}
		return value
	default:
		return m.scalar()
	}
}

func (m mutator) scalar() any {
	return m.pick(nil, true, false, "", "x", "1", "-1", "01", "a\nb", "\u2028", []any{}, map[string]any{}, []any{"k"},
		json.Number("0"), json.Number("-1"), json.Number("0.5"), json.Number("1e400"), json.Number("9007199254740993"))
}

func (m mutator) pick(values ...any) any { return values[m.IntN(len(values))] }
