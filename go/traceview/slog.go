package traceview

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/agd-bridge/agd-bridge/go/trace"
)

// slogEvent is what the time line reads of an event of the kernel's slog
// (@agoric/swingset-vat, src/kernel/slogger.js). Times are in seconds.
type slogEvent struct {
	Type        string  `json:"type"`
	Time        float64 `json:"time"`
	Monotime    float64 `json:"monotime"`
	VatID       string  `json:"vatID"`
	Name        string  `json:"name"`
	CrankNum    any     `json:"crankNum"`
	DeliveryNum int64   `json:"deliveryNum"`
	Replay      bool    `json:"replay"`
	KD          []any   `json:"kd"`
	DR          []any   `json:"dr"`
}

// slog is a trace.Sink that adds a slog's deliveries to a Timeline, a track for
// each vat.
type slog struct {
	*Timeline
	name string
	line int
	// offset is Time - Monotime of the kernel's process: Monotime is finer.
	offset float64
	names  map[string]string
	open   map[string]slogEvent
	from   time.Time
	to     time.Time
	found  int
}

// slogSlack is how far a slog's times may be outside of the trace.
const slogSlack = time.Second

// Slog adds the deliveries of the kernel's slog that are within the trace's
// time, and returns their number. name is the file's name for errors.
func (t *Timeline) Slog(input *trace.Input, name string) (int, error) {
	s := &slog{Timeline: t, name: name, names: map[string]string{}, open: map[string]slogEvent{}, from: t.first.Add(-slogSlack), to: t.last.Add(slogSlack)}
	t.process(processKernel, "kernel (vats)")
	err := trace.ReadAll(input, s)
	return s.found, err
}

// Line implements trace.Sink. Events of other types are left out.
func (s *slog) Line(text []byte, complete bool, err error) error {
	s.line++
	var e slogEvent
	if err == nil {
		err = json.Unmarshal(text, &e)
	}
	switch {
	case err != nil && !complete:
		return nil
	case err != nil:
		return fmt.Errorf("%s:%d: not a line of a slog: %w", s.name, s.line, err)
	}
	switch e.Type {
	case "create-vat":
		s.names[e.VatID] = e.Name
	case "deliver":
		e.Time = s.seconds(e)
		s.open[e.VatID] = e
	case "deliver-result":
		if began, ok := s.open[e.VatID]; ok && began.DeliveryNum == e.DeliveryNum {
			delete(s.open, e.VatID)
			s.deliver(began, s.seconds(e), e.DR)
		}
	}
	return nil
}

// seconds returns the time of an event since 1970.
func (s *slog) seconds(e slogEvent) float64 {
	if e.Monotime == 0 {
		return e.Time
	}
	if offset := e.Time - e.Monotime; math.Abs(offset-s.offset) > 0.1 {
		s.offset = offset // another process
	}
	return s.offset + e.Monotime
}

func (s *slog) deliver(e slogEvent, end float64, result []any) {
	start := time.UnixMicro(int64(e.Time * 1e6))
	if start.Before(s.from) || start.After(s.to) {
		return
	}
	s.found++
	tid, _ := strconv.Atoi(strings.TrimPrefix(e.VatID, "v"))
	s.track(processKernel, tid, strings.TrimSpace(e.VatID+" "+s.names[e.VatID]))
	name, category := "delivery", "delivery"
	if len(e.KD) > 0 {
		name = fmt.Sprint(e.KD[0])
	}
	if e.Replay {
		category = "replay"
	}
	args := map[string]any{"crank": e.CrankNum, "delivery": e.DeliveryNum, "vat": e.VatID}
	if len(result) > 0 {
		args["result"] = result[0]
	}
	if len(result) > 2 {
		args["meter"] = result[2]
	}
	took := time.Duration(max(0, end-e.Time) * float64(time.Second))
	s.span(name, category, start, took, processKernel, tid, args)
}

// Restarted implements trace.Sink.
func (s *slog) Restarted() error { return nil }

// Idle implements trace.Sink.
func (s *slog) Idle() error { return nil }
