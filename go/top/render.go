package top

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agd-bridge/agd-bridge/go/internal/visible"
)

// Render draws a view in plain text: at most height lines of at most width
// columns; 0: as many as it takes.
func Render(v View, width, height int) string {
	lines := []string{fmt.Sprintf("agd top   %s   %s", v.Time.Format(time.TimeOnly), visible.Text(v.Home))}
	if v.PID != 0 {
		lines = append(lines, v.summary()...)
	}
	for _, note := range v.Notes {
		lines = append(lines, visible.Text(note))
	}
	if len(v.Phases) > 0 {
		lines = append(lines, "", fmt.Sprintf("%-18s %8s %12s", "block action", "calls", "mean"))
		for _, phase := range v.Phases {
			lines = append(lines, fmt.Sprintf("%-18s %8d %12s", short(phase.Method), phase.Calls, milliseconds(phase)))
		}
	}
	if len(v.Processes) > 0 {
		lines = append(lines, "", fmt.Sprintf("%8s %7s %9s  %s", "PID", "CPU", "memory", "process"))
		for _, process := range v.inOrder() {
			lines = append(lines, fmt.Sprintf("%8d %6.1f%% %9s  %s", process.PID, 100*process.CPU, size(process.Memory), visible.Text(process.Name)))
		}
	}
	if height > 0 && len(lines) > height {
		more := fmt.Sprintf("… and %d lines more", len(lines)-height+1)
		lines = append(lines[:height-1], more)
	}
	for i, line := range lines {
		if runes := []rune(line); width > 0 && len(runes) > width {
			lines[i] = string(runes[:width-1]) + "…"
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// summary are the lines about the node as a whole.
func (v View) summary() []string {
	var lines []string
	if v.Mode != "" {
		lines = append(lines, fmt.Sprintf("mode %s   transport %s   jail %s", v.Mode, v.Transport, v.Jail))
	}
	block := fmt.Sprintf("height %d   last block %s", v.Height, ago(v.Time.Sub(v.BlockTime)))
	switch {
	case v.Height == 0:
		block = "no block yet"
	case v.Completed == 0:
		block = fmt.Sprintf("first block, %d, is not yet complete   stored %s", v.Height, ago(v.Time.Sub(v.BlockTime)))
	}
	if v.BlockSeconds > 0 {
		block += fmt.Sprintf("   %.2f s a block", v.BlockSeconds)
	}
	if v.CatchingUp {
		block += "   catching up"
	}
	lines = append(lines, block+fmt.Sprintf("   peers %d", v.Peers))
	for _, call := range v.Running {
		lines = append(lines, fmt.Sprintf("%s runs, for %.0f s so far", short(call.Method), call.Seconds))
	}
	if v.Mode != "" {
		bridge := fmt.Sprintf("downcalls %.0f/s", v.Downcalls)
		for _, queue := range v.Queues {
			bridge += fmt.Sprintf("   queue %s: %d (%s)", queue.Name, queue.Messages, size(queue.Bytes))
		}
		lines = append(lines, bridge)
	}
	return lines
}

// inOrder are agd and the kernel, then the others, the busiest first.
func (v View) inOrder() []Process {
	ordered := slices.Clone(v.Processes)
	slices.SortStableFunc(ordered, func(a, b Process) int {
		rank := func(p Process) int {
			return slices.Index([]string{"", "kernel", "agd", "agd with the kernel"}, p.Name)
		}
		return cmp.Or(cmp.Compare(rank(b), rank(a)), cmp.Compare(b.CPU, a.CPU))
	})
	return ordered
}

func short(method string) string { return strings.TrimPrefix(method, "swingset.") }

func milliseconds(phase Phase) string {
	if phase.Calls == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f ms", phase.MeanSeconds*1000)
}

func ago(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	return fmt.Sprintf("%.0f s ago", d.Seconds())
}

// size is in powers of ten, as disks and Prometheus count.
func size(bytes int64) string {
	value, units := float64(bytes), []string{"B", "kB", "MB", "GB"}
	for len(units) > 1 && value >= 1000 {
		value, units = value/1000, units[1:]
	}
	if units[0] == "B" {
		return fmt.Sprintf("%d B", bytes)
	}
	return fmt.Sprintf("%.1f %s", value, units[0])
}
