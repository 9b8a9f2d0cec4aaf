// Package counters has the metrics of Agoric's chain, with its names. They go to
// the SDK's telemetry (section telemetry of app.toml) and cost nothing while that
// is off. All functions may be called from any goroutine.
package counters

import (
	"time"

	"github.com/hashicorp/go-metrics"

	"github.com/cosmos/cosmos-sdk/telemetry"
)

// On reports whether anything is counted. It differs between nodes, so nothing
// that reaches the app hash may depend on it.
func On() bool {
	//lint:ignore SA1019 app.toml's section telemetry is this one
	return telemetry.IsTelemetryEnabled()
}

// Refused counts a transaction that the checks before its messages refused.
// What is admission_refused or inbound_not_allowed; message is the type URL of
// the message that was the reason.
func Refused(what, message string) {
	count([]string{"tx", "ante", what}, 1, "msg", message)
}

// StoreSize counts bytes that were written to a store, and bytes that these
// writes replaced or deleted.
func StoreSize(store string, increase, decrease int) {
	count([]string{"store", "size_increase"}, increase, "storeKey", store)
	count([]string{"store", "size_decrease"}, decrease, "storeKey", store)
}

func count(name []string, amount int, label, value string) {
	if amount > 0 {
		//lint:ignore SA1019 as above
		telemetry.IncrCounterWithLabels(name, float32(amount), []metrics.Label{{Name: label, Value: value}})
	}
}

// Took measures the time since began of a step of a module, such as
// end_blocker. It is for defer.
func Took(module, step string, began time.Time) {
	//lint:ignore SA1019 as above
	telemetry.ModuleMeasureSince(module, began, step)
}
