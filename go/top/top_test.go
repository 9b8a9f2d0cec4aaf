package top

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const scrape = `# TYPE agd_bridge_info gauge
agd_bridge_info{jail="full",mode="split",transport="shm"} 1
# TYPE agd_bridge_call_duration_seconds histogram
agd_bridge_call_duration_seconds_bucket{direction="up",method="swingset.EndBlock",mode="split",le="+Inf"} 10
agd_bridge_call_duration_seconds_sum{direction="up",method="swingset.EndBlock",mode="split"} 2
agd_bridge_call_duration_seconds_count{direction="up",method="swingset.EndBlock",mode="split"} 10
agd_bridge_call_duration_seconds_sum{direction="down",method="vstorage.Get",mode="split"} 0.5
agd_bridge_call_duration_seconds_count{direction="down",method="vstorage.Get",mode="split"} 100
agd_bridge_call_duration_seconds_count{direction="down",method="vstorage.Set",mode="split"} 20
# TYPE agd_bridge_calls_in_progress gauge
agd_bridge_calls_in_progress{direction="up",method="swingset.EndBlock",mode="split"} 1
agd_bridge_calls_in_progress{direction="down",method="vstorage.Get",mode="split"} 1
# TYPE agd_bridge_queued_messages gauge
agd_bridge_queued_messages{mode="split",queue="outbound"} 3
# TYPE agd_bridge_queued_bytes gauge
agd_bridge_queued_bytes{mode="split",queue="outbound"} 4096
`

func TestMetricsOfAScrape(t *testing.T) {
	m, err := parseMetrics(strings.NewReader(scrape))
	require.NoError(t, err)
	require.Equal(t, Metrics{
		Mode: "split", Transport: "shm", Jail: "full",
		Up:     map[string]Calls{"swingset.EndBlock": {Count: 10, Seconds: 2, Running: 1}},
		Down:   120,
		Queues: []Queue{{Name: "outbound", Messages: 3, Bytes: 4096}},
	}, m)
	_, err = parseMetrics(strings.NewReader("<html>"))
	require.ErrorContains(t, err, "metrics: ")
}

// node is a node whose state a test sets.
type node struct {
	pid       int
	status    Status
	statusErr error
	metrics   Metrics
	processes []Process
	now       time.Time
}

func (n *node) observer() *Observer {
	return NewObserver("/home/x", Sources{
		Holder:    func() int { return n.pid },
		Status:    func(context.Context) (Status, error) { return n.status, n.statusErr },
		Metrics:   func(context.Context) (Metrics, error) { return n.metrics, nil },
		Processes: func(int) ([]Process, error) { return n.processes, nil },
		Now:       func() time.Time { return n.now },
	})
}

func running(n *node, ended uint64, seconds float64, runs int) {
	n.metrics = Metrics{Mode: "split", Transport: "shm", Jail: "full", Down: 100 * ended,
		Up: map[string]Calls{"swingset.EndBlock": {Count: ended, Seconds: seconds, Running: runs}}}
}

func TestRatesAreThoseSinceTheLastView(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	n := &node{pid: 7, now: start, status: Status{Height: 10, Completed: 9, BlockTime: start, Peers: 3}}
	n.processes = []Process{{PID: 7, Name: "agd", seconds: 50, started: start.Add(-100 * time.Second), Memory: 1}}
	running(n, 10, 2, 1)
	o := n.observer()
	first := o.Observe(t.Context())
	require.Equal(t, 0.5, first.Processes[0].CPU, "since its start")
	require.Equal(t, int64(9), first.Completed)
	require.Equal(t, Phase{Method: "swingset.EndBlock", Calls: 10, MeanSeconds: .2}, first.Phases[1])
	require.InDelta(t, 10, first.Downcalls, 1e-9)
	require.Equal(t, []Running{{Method: "swingset.EndBlock"}}, first.Running)

	n.now = start.Add(4 * time.Second)
	n.processes[0].seconds = 51
	second := o.Observe(t.Context())
	require.Equal(t, 0.25, second.Processes[0].CPU)
	require.Zero(t, second.Phases[1].Calls)
	require.Equal(t, []Running{{Method: "swingset.EndBlock", Seconds: 4}}, second.Running, "the same run")
	require.Zero(t, second.BlockSeconds)

	n.now = start.Add(8 * time.Second)
	n.status = Status{Height: 12, BlockTime: start.Add(6 * time.Second)}
	running(n, 12, 5, 1)
	third := o.Observe(t.Context())
	require.Equal(t, Phase{Method: "swingset.EndBlock", Calls: 2, MeanSeconds: 1.5}, third.Phases[1])
	require.Equal(t, []Running{{Method: "swingset.EndBlock"}}, third.Running, "another run")
	require.Equal(t, 3.0, third.BlockSeconds)
	require.Equal(t, 50.0, third.Downcalls)

	// Another process: nothing is since the last view.
	n.pid, n.now, n.status = 8, start.Add(9*time.Second), Status{}
	n.statusErr = errors.New("no answer")
	n.processes = []Process{{PID: 8, Name: "agd", started: start.Add(8 * time.Second), seconds: 1}}
	running(n, 1, 1, 0)
	fourth := o.Observe(t.Context())
	require.Equal(t, uint64(1), fourth.Phases[1].Calls)
	require.Equal(t, 1.0, fourth.Processes[0].CPU)
	require.Equal(t, []string{"no answer"}, fourth.Notes)
	require.Empty(t, fourth.Running)

	n.pid = 0
	ended := o.Observe(t.Context())
	require.Equal(t, []string{"no node runs on this home"}, ended.Notes)
	require.Contains(t, Render(ended, 80, 24), "no node runs")
}

func TestProcessesHaveTheirNames(t *testing.T) {
	for _, c := range []struct {
		args []string
		root bool
		want string
	}{
		{[]string{"build/agd", "start", "--split"}, true, "agd"},
		{[]string{"/usr/bin/node", "--expose-gc", "/x/agvm", "start"}, true, "agd with the kernel"},
		{[]string{"node", "/x/agvm", "start"}, false, "kernel"},
		{[]string{"xsnap-worker", "v7:zoe", "-i"}, false, "worker v7:zoe"},
		{[]string{"/bin/other"}, false, "other"},
		{nil, false, "(ended)"},
	} {
		require.Equal(t, c.want, nameOf(c.args, c.root), c.args)
	}
	found, err := Processes(os.Getpid())
	require.NoError(t, err)
	require.Equal(t, os.Getpid(), found[0].PID)
	require.Positive(t, found[0].Memory)
}

func TestAViewFitsTheTerminal(t *testing.T) {
	view := View{Time: time.Unix(0, 0).UTC(), Home: "/home/" + strings.Repeat("long/", 30), PID: 1, Mode: "split", Transport: "shm", Jail: "full",
		Height: 5, Completed: 4, BlockTime: time.Unix(0, 0), BlockSeconds: 1.5, CatchingUp: true, Peers: 2,
		Phases:  []Phase{{Method: "swingset.EndBlock", Calls: 2, MeanSeconds: .0123}, {Method: "swingset.BeginBlock"}},
		Running: []Running{{Method: "swingset.EndBlock", Seconds: 61}},
		Queues:  []Queue{{Name: "inbound", Messages: 1, Bytes: 2_500_000}}, Downcalls: 1234.4,
	}
	view.Processes = append(view.Processes, Process{PID: 1, Name: "agd", CPU: .1, Memory: 310_000_000}, Process{PID: 2, Name: "kernel", CPU: .05})
	for i := range 40 {
		view.Processes = append(view.Processes, Process{PID: 10 + i, Name: "worker v1:\x1b[31m", CPU: float64(i)})
	}
	text := Render(view, 80, 24)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	require.Len(t, lines, 24)
	require.NotContains(t, text, "\x1b")
	for _, line := range lines {
		require.LessOrEqual(t, len([]rune(line)), 80)
	}
	for _, want := range []string{
		"mode split   transport shm   jail full",
		"height 5   last block 0 s ago   1.50 s a block   catching up   peers 2",
		"EndBlock runs, for 61 s so far",
		"downcalls 1234/s   queue inbound: 1 (2.5 MB)",
		"EndBlock                  2      12.3 ms",
		"BeginBlock                0            –",
		"       1   10.0%  310.0 MB  agd",
	} {
		require.Contains(t, text, want)
	}
	require.Less(t, strings.Index(text, "kernel"), strings.Index(text, "worker"))
	require.Contains(t, lines[23], "lines more")
	view.Completed = 0
	require.Contains(t, Render(view, 80, 24), "first block, 5, is not yet complete   stored 0 s ago   1.50 s a block")
}
