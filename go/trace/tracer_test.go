package trace_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/trace"
)

// read reads a whole trace.
func read(t *testing.T, name string) (string, *trace.Input) {
	t.Helper()
	input, err := trace.OpenInput(name, nil)
	require.NoError(t, err)
	defer input.Close()
	text, err := io.ReadAll(input)
	require.NoError(t, err)
	return string(text), input
}

func frame(id int) []byte {
	return fmt.Appendf(nil, `{"id":%d,"method":"m","params":[]}`, id)
}

// frames returns the frames of a trace, without their times.
func frames(text string) (all []string) {
	for _, line := range splitLines(text) {
		_, rest, _ := strings.Cut(line, `"from":`)
		all = append(all, `"from":`+strings.TrimSuffix(rest, "}"))
	}
	return all
}

// traced writes frames from one number to another.
func traced(tracer *trace.Tracer, from, to int) (expected []string) {
	for id := from; id <= to; id++ {
		tracer.Frame(bridge.Out, frame(id))
		expected = append(expected, `"from":"agd","frame":`+string(frame(id)))
	}
	return expected
}

func TestATraceIsReadAsItWasWrittenRotatedAndCompressed(t *testing.T) {
	for _, name := range []string{"t.jsonl", "t.jsonl.zst"} {
		for _, maxBytes := range []int64{0, 1, 300} {
			t.Run(fmt.Sprint(name, maxBytes), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), name)
				var expected []string
				for run := range 2 {
					var tracer trace.Tracer
					require.NoError(t, tracer.Open(path, maxBytes))
					expected = append(expected, traced(&tracer, 10*run, 10*run+9)...)
					tracer.Close()
					tracer.Frame(bridge.Out, frame(99)) // after the end
				}
				text, input := read(t, path)
				require.Equal(t, expected, frames(text))
				if maxBytes == 0 && name == "t.jsonl" {
					require.Equal(t, path+":7", input.Where(7))
				} else {
					require.NotEqual(t, input.Where(1), input.Where(20))
					require.Regexp(t, `t\.jsonl\.1(\.zst)?:1$`, input.Where(1))
				}
			})
		}
	}
}

func TestALineOfARotatedTraceIsNamedByItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	for name, text := range map[string]string{path + ".2": "a\nb", path + ".10": "c\n", path: "d\n", path + ".old": "x\n", path + ".1.zst": "y\n"} {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	text, input := read(t, path)
	require.Equal(t, "a\nb\nc\nd\n", text, "in the order of numbers, each file on a new line")
	require.Equal(t, path+".2:2", input.Where(2))
	require.Equal(t, path+".10:1", input.Where(3))
	require.Equal(t, path+":1", input.Where(4))
	alone, _ := read(t, path+".2")
	require.Equal(t, "a\nb", alone)
}

func TestCompressedDataThatIsCutIsReadUpToThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl.zst")
	var tracer trace.Tracer
	require.NoError(t, tracer.Open(path, 0))
	expected := traced(&tracer, 0, 50_000)
	tracer.Close()
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, whole[:len(whole)/2], 0o600))
	text, _ := read(t, path)
	got := frames(text[:strings.LastIndex(text, "\n")+1])
	require.Greater(t, len(got), 1000)
	require.Equal(t, expected[:len(got)], got)

	whole[len(whole)/2] ^= 0xff
	require.NoError(t, os.WriteFile(path, whole, 0o600))
	input, err := trace.OpenInput(path, nil)
	require.NoError(t, err)
	defer input.Close()
	_, err = io.ReadAll(input)
	require.ErrorContains(t, err, "t.jsonl.zst: ")
}

func TestStandardInputMayBeCompressed(t *testing.T) {
	var packed strings.Builder
	encoder, err := zstd.NewWriter(&packed)
	require.NoError(t, err)
	_, err = encoder.Write([]byte("a\nb\n"))
	require.NoError(t, err)
	require.NoError(t, encoder.Close())
	for _, text := range []string{packed.String(), "a\nb\n"} {
		input, err := trace.OpenInput(trace.Stdin, strings.NewReader(text))
		require.NoError(t, err)
		all, err := io.ReadAll(input)
		require.NoError(t, err)
		require.Equal(t, "a\nb\n", string(all))
		require.Equal(t, "-:2", input.Where(2))
	}
}

func TestAFrameIsOneLineOfATrace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	var tracer trace.Tracer
	require.NoError(t, tracer.Open(path, 0))
	tracer.Frame(bridge.In, []byte("{\"id\":1,\n\"result\":\"<&>\"}"))
	tracer.Frame(bridge.In, []byte("{\"id\n"))
	text, _ := read(t, path)
	require.Equal(t, []string{
		`"from":"agvm","frame":{"id":1,"result":"<&>"}`, `"from":"agvm","frame":"{\"id\n"`,
	}, frames(text))
}

func TestAHeadDescribesItsRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	var tracer trace.Tracer
	require.NoError(t, tracer.Open(path, 0))
	tracer.Head(trace.Head{Agd: "agd 1", Options: map[string]any{"jail": "on"}})
	text, _ := read(t, path)
	lines, notes := printed(t, text, trace.Options{})
	require.Empty(t, notes)
	require.Contains(t, lines[0], "run 1")
	require.Contains(t, lines[1], ` head {"trace":1,"agd":"agd 1","options":{"jail":"on"}}`)

	tracer.Frame(bridge.In, []byte(`{"id":null,"method":"m","params":[]}`))
	text, _ = read(t, path)
	_, notes = printed(t, strings.Replace(text, `"trace":1`, `"trace":2`, 1), trace.Options{})
	require.Equal(t, []string{"t.jsonl:1: skipped: a trace of format 2: this agd reads format 1: use the agd that wrote it, or a later one"}, notes)
}

// crash returns the frames of a recorder's file, and the file's text.
func crash(t *testing.T, tracer *trace.Tracer, dir string) ([]string, string) {
	t.Helper()
	path, err := tracer.WriteCrash(dir, "because", 2)
	require.NoError(t, err)
	text, _ := read(t, path)
	var found []string
	for _, line := range splitLines(text) {
		if strings.Contains(line, `"frame":`) {
			found = append(found, frames(line)...)
		} else if strings.Contains(line, `"gap":true`) {
			found = append(found, "gap")
		}
	}
	return found, text
}

func TestAFlightRecorderHasTheFirstAndTheLastFrames(t *testing.T) {
	dir := t.TempDir()
	var tracer trace.Tracer
	_, err := tracer.WriteCrash(dir, "", 1)
	require.ErrorIs(t, err, trace.ErrNoRecorder)
	tracer.Keep(trace.NewRecorder(trace.LeastRecorderBytes))
	tracer.Head(trace.Head{Agd: "agd 1"})
	expected := traced(&tracer, 1, 500)
	killed := filepath.Join(dir, "bridge-crash-20260102T030405.000Z.jsonl.zst.part")
	require.NoError(t, os.WriteFile(killed, nil, 0o600))
	got, text := crash(t, &tracer, dir)
	require.NoFileExists(t, killed, "of an agd that was killed while it wrote")
	require.Equal(t, expected, got, "all, while they fit")
	require.Contains(t, text, `"head":{"trace":1,"agd":"agd 1"}`)
	require.Contains(t, text, `"reason":"because"`)

	expected = append(expected, traced(&tracer, 501, 20_000)...)
	got, _ = crash(t, &tracer, dir)
	gap := 0
	for got[gap] != "gap" {
		gap++
	}
	require.Greater(t, gap, 100)
	require.Equal(t, expected[:gap], got[:gap])
	last := got[gap+1:]
	require.Greater(t, len(last), 1000)
	require.Equal(t, expected[len(expected)-len(last):], last)

	// A frame without room leaves nothing before it.
	tracer.Frame(bridge.In, make([]byte, 2*trace.LeastRecorderBytes))
	after := traced(&tracer, 1, 3)
	got, _ = crash(t, &tracer, dir)
	require.Equal(t, append([]string{"gap"}, after...), got[gap:])

	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 2, "the newest are kept")
}

func TestAFlightRecorderAllocatesNothing(t *testing.T) {
	var tracer trace.Tracer
	tracer.Keep(trace.NewRecorder(1 << 20))
	text := frame(1)
	require.Zero(t, testing.AllocsPerRun(100_000, func() { tracer.Frame(bridge.In, text) }))
}

func BenchmarkFlightRecorder(b *testing.B) {
	for _, size := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			var tracer trace.Tracer
			tracer.Keep(trace.NewRecorder(16 << 20))
			text := make([]byte, size)
			b.ReportAllocs()
			for b.Loop() {
				tracer.Frame(bridge.In, text)
			}
		})
	}
}
