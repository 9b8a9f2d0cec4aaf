package options

import (
	"fmt"

	"github.com/spf13/cast"
	"github.com/spf13/viper"

	"github.com/agd-bridge/agd-bridge/go/trace"
)

// readRecording reads the options of the trace and the flight recorder. A home
// whose app.toml is older than an option has its default.
func (o *Options) readRecording(v *viper.Viper) error {
	o.BridgeTrace = v.GetString(FlagBridgeTrace)
	var err error
	if o.BridgeTraceMaxBytes, err = cast.ToInt64E(v.Get(FlagBridgeTraceMaxSize)); err != nil || o.BridgeTraceMaxBytes < 0 {
		return fmt.Errorf("%s must be a number of bytes, 0 for no limit: %v", FlagBridgeTraceMaxSize, v.Get(FlagBridgeTraceMaxSize))
	}
	o.FlightRecorderBytes, err = cast.ToIntE(v.Get(FlagFlightRecorder))
	if least := trace.LeastRecorderBytes; err != nil || o.FlightRecorderBytes != 0 && o.FlightRecorderBytes < least {
		return fmt.Errorf("%s must be a number of bytes, at least %d, or 0 for none: %v", FlagFlightRecorder, least, v.Get(FlagFlightRecorder))
	}
	if !v.IsSet(FlagSlowCall) {
		return nil
	}
	if o.SlowCall, err = cast.ToDurationE(v.Get(FlagSlowCall)); err != nil || o.SlowCall < 0 {
		return fmt.Errorf("%s must be a duration, such as 30s, or 0 for never: %v", FlagSlowCall, v.Get(FlagSlowCall))
	}
	return nil
}
