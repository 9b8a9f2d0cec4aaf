// Package bridgemetrics measures a bridge for Prometheus: the duration, size,
// concurrency and failures of calls, and the length of the queues.
// docs/monitoring.md lists the metrics.
//
// A method's series are created once, when its handler is registered or at our
// first call of it. The peer cannot create series: methods without a handler
// are not measured.
package bridgemetrics

import (
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// Namespace begins the names of the metrics.
const Namespace = "agd_bridge"

// Directions of calls.
const (
	up   = "up"   // our calls, to which the peer responds
	down = "down" // the peer's calls, which our handlers serve
)

var (
	// durations range from a read of storage to a long block.
	durations = []float64{
		5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4,
		1e-3, 2e-3, 5e-3, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10,
	}
	// sizes range up to 16 MiB.
	sizes = prometheus.ExponentialBuckets(64, 4, 10)
)

// Metrics are the metrics of every bridge that was wrapped with them. They are
// one prometheus.Collector, safe for concurrent use.
type Metrics struct {
	duration      *prometheus.HistogramVec
	bytes         *prometheus.HistogramVec
	inProgress    *prometheus.GaugeVec
	failed        *prometheus.CounterVec
	notifications *prometheus.CounterVec

	queuedMessages, queuedBytes *prometheus.Desc

	mu      sync.RWMutex
	calls   map[key]*calls
	bridges []bridge.Bridge // those that are Queued, until they have closed
}

var _ prometheus.Collector = (*Metrics)(nil)

// key identifies the calls that share their series.
type key struct{ direction, method string }

// Register returns the metrics of a mode, registered with r. Repeated calls
// return the same metrics, so that bridges share them.
func Register(r prometheus.Registerer, mode string) (*Metrics, error) {
	m := newMetrics(mode)
	err := r.Register(m)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		if existing, ok := already.ExistingCollector.(*Metrics); ok {
			return existing, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// RegisterInfo registers a metric that is always 1, whose labels describe the
// bridge of this process: its mode and transport, and how far the VM is
// confined. A later call has no effect.
func RegisterInfo(r prometheus.Registerer, mode, transport, jail string) error {
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: Namespace, Name: "info",
		Help:        "What the bridge is: its mode, its transport, and how far the VM is confined.",
		ConstLabels: prometheus.Labels{"mode": mode, "transport": transport, "jail": jail},
	})
	info.Set(1)
	err := r.Register(info)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		return nil
	}
	return err
}

func newMetrics(mode string) *Metrics {
	const namespace = Namespace
	constant := prometheus.Labels{"mode": mode}
	byMethod := []string{"direction", "method"}
	queue := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, []string{"queue"}, constant)
	}
	return &Metrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "call_duration_seconds", ConstLabels: constant, Buckets: durations,
			Help: "How long calls took: up, from agd's call to the answer; down, in agd's handler.",
		}, byMethod),
		bytes: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "call_bytes", ConstLabels: constant, Buckets: sizes,
			Help: "Bytes of JSON of calls: the params of a request, the result of a response that is no error.",
		}, append(byMethod, "part")),
		inProgress: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "calls_in_progress", ConstLabels: constant,
			Help: "Calls that have begun and not ended.",
		}, byMethod),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "call_errors_total", ConstLabels: constant,
			Help: "Calls that ended with an error.",
		}, byMethod),
		notifications: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "notifications_total", ConstLabels: constant,
			Help: "Notifications that agd has sent.",
		}, []string{"method"}),
		queuedMessages: queue("queued_messages", "Messages that wait in agd: inbound for their handler, outbound for the pipe."),
		queuedBytes:    queue("queued_bytes", "Bytes of the messages that wait in agd."),
		calls:          map[key]*calls{},
	}
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(out chan<- *prometheus.Desc) {
	for _, vector := range m.vectors() {
		vector.Describe(out)
	}
	out <- m.queuedMessages
	out <- m.queuedBytes
}

// Collect implements prometheus.Collector. Queues are read only here.
func (m *Metrics) Collect(out chan<- prometheus.Metric) {
	for _, vector := range m.vectors() {
		vector.Collect(out)
	}
	for name, q := range m.queues() {
		out <- prometheus.MustNewConstMetric(m.queuedMessages, prometheus.GaugeValue, float64(q.Messages), name)
		out <- prometheus.MustNewConstMetric(m.queuedBytes, prometheus.GaugeValue, float64(q.Bytes), name)
	}
}

func (m *Metrics) vectors() []prometheus.Collector {
	return []prometheus.Collector{m.duration, m.bytes, m.inProgress, m.failed, m.notifications}
}

// queues sums the open bridges' queues by name.
func (m *Metrics) queues() map[string]bridge.Queue {
	sums := map[string]bridge.Queue{}
	for _, b := range m.open() {
		for _, q := range b.(bridge.Queued).Queues() {
			sum := sums[q.Name]
			sum.Messages += q.Messages
			sum.Bytes += q.Bytes
			sums[q.Name] = sum
		}
	}
	return sums
}

// open adds bridges, drops closed ones, and returns the open ones.
func (m *Metrics) open(add ...bridge.Bridge) []bridge.Bridge {
	m.mu.Lock()
	defer m.mu.Unlock()
	var open []bridge.Bridge
	for _, b := range append(m.bridges, add...) {
		select {
		case <-b.Closed():
		default:
			open = append(open, b)
		}
	}
	m.bridges = open
	return open
}

// of returns the series of a method.
func (m *Metrics) of(direction, method string) *calls {
	k := key{direction, method}
	m.mu.RLock()
	c := m.calls[k]
	m.mu.RUnlock()
	if c != nil {
		return c
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if c = m.calls[k]; c == nil {
		c = &calls{
			duration:   m.duration.WithLabelValues(direction, method),
			request:    m.bytes.WithLabelValues(direction, method, "request"),
			response:   m.bytes.WithLabelValues(direction, method, "response"),
			inProgress: m.inProgress.WithLabelValues(direction, method),
			failed:     m.failed.WithLabelValues(direction, method),
		}
		m.calls[k] = c
	}
	return c
}

// calls are one method's series.
type calls struct {
	duration, request, response prometheus.Observer
	inProgress                  prometheus.Gauge
	failed                      prometheus.Counter
}

// epoch is the origin of call times. time.Since reads one clock, time.Now two,
// which is expensive relative to a handler of some µs.
var epoch = time.Now()

// begin starts a call and returns its start time, for end.
func (c *calls) begin() time.Duration {
	c.inProgress.Inc()
	return time.Since(epoch)
}

func (c *calls) end(began time.Duration, requestBytes, responseBytes int, ok bool) {
	c.duration.Observe((time.Since(epoch) - began).Seconds())
	c.inProgress.Dec()
	c.request.Observe(float64(requestBytes))
	if ok {
		c.response.Observe(float64(responseBytes))
	} else {
		c.failed.Inc()
	}
}
