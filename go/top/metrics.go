package top

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/agd-bridge/agd-bridge/go/bridgemetrics"
)

// Metrics are the bridge's metrics of one scrape.
type Metrics struct {
	Mode, Transport, Jail string
	// Up are agd's calls of the kernel, by method.
	Up map[string]Calls
	// Down is the number of the kernel's calls that have ended.
	Down   uint64
	Queues []Queue
}

// Calls are the calls of one method since the node's start.
type Calls struct {
	// Count and Seconds are of those that have ended.
	Count   uint64
	Seconds float64
	// Running is the number of those that have not.
	Running int
}

// Scrape reads the metrics at a URL.
func Scrape(ctx context.Context, url string) (Metrics, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Metrics{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Metrics{}, fmt.Errorf("no metrics at %s: a node that has just started has none yet, and one that started before they were turned on needs a restart", url)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return Metrics{}, fmt.Errorf("no metrics at %s: %s", url, response.Status)
	}
	return parseMetrics(response.Body)
}

// parseMetrics reads Prometheus' text format.
func parseMetrics(text io.Reader) (Metrics, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(text)
	if err != nil {
		return Metrics{}, fmt.Errorf("metrics: %w", err)
	}
	m := Metrics{Up: map[string]Calls{}}
	each := func(name string, do func(labels map[string]string, metric *dto.Metric)) {
		for _, metric := range families[bridgemetrics.Namespace+"_"+name].GetMetric() {
			labels := map[string]string{}
			for _, label := range metric.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			do(labels, metric)
		}
	}
	each("info", func(labels map[string]string, _ *dto.Metric) {
		m.Mode, m.Transport, m.Jail = labels["mode"], labels["transport"], labels["jail"]
	})
	each("call_duration_seconds", func(labels map[string]string, metric *dto.Metric) {
		ended := metric.GetHistogram()
		if labels["direction"] == "down" {
			m.Down += ended.GetSampleCount()
			return
		}
		m.Up[labels["method"]] = Calls{Count: ended.GetSampleCount(), Seconds: ended.GetSampleSum()}
	})
	each("calls_in_progress", func(labels map[string]string, metric *dto.Metric) {
		if labels["direction"] == "up" {
			calls := m.Up[labels["method"]]
			calls.Running = int(metric.GetGauge().GetValue())
			m.Up[labels["method"]] = calls
		}
	})
	queues := map[string]*Queue{}
	queue := func(name string) *Queue {
		if queues[name] == nil {
			queues[name] = &Queue{Name: name}
		}
		return queues[name]
	}
	each("queued_messages", func(labels map[string]string, metric *dto.Metric) {
		queue(labels["queue"]).Messages = int64(metric.GetGauge().GetValue())
	})
	each("queued_bytes", func(labels map[string]string, metric *dto.Metric) {
		queue(labels["queue"]).Bytes = int64(metric.GetGauge().GetValue())
	})
	for _, q := range queues {
		m.Queues = append(m.Queues, *q)
	}
	slices.SortFunc(m.Queues, func(a, b Queue) int { return strings.Compare(a.Name, b.Name) })
	return m, nil
}
