package node

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
)

// envPauseAt is a hook for tests of recovery: POINT or POINT@HEIGHT, where the
// block pauses once, until the process is killed or asked to stop. Without a
// height it is the first block of this run that passes the point.
const envPauseAt = "AGD_TEST_PAUSE_AT"

// PausePoint is the value of envPauseAt; the zero value means no pause.
type PausePoint struct {
	point  app.Point
	height int64
}

// PausePointOf reads the environment.
func PausePointOf(env []string) (PausePoint, error) {
	value := environ.Get(env, envPauseAt)
	if value == "" {
		return PausePoint{}, nil
	}
	name, at, hasHeight := strings.Cut(value, "@")
	p := PausePoint{point: app.Point(name)}
	if !slices.Contains(app.Points, p.point) {
		return p, fmt.Errorf("%s=%s: no such point; there are %v", envPauseAt, value, app.Points)
	}
	if !hasHeight {
		return p, nil
	}
	var err error
	if p.height, err = strconv.ParseInt(at, 10, 64); err != nil || p.height < 1 {
		return p, fmt.Errorf("%s=%s: expected a height after @", envPauseAt, value)
	}
	return p, nil
}

// until returns the app's pause, which lasts until one of these channels is
// closed; nil: no pause.
func (p PausePoint) until(logger log.Logger, stop, vmClosed <-chan struct{}) app.Pause {
	if p.point == "" {
		return nil
	}
	var once sync.Once
	return func(at app.Point, height int64) {
		if at != p.point || p.height != 0 && height != p.height {
			return
		}
		once.Do(func() {
			logger.Info("paused for a test", "point", string(at), "height", height)
			select {
			case <-stop:
			case <-vmClosed:
			}
		})
	}
}
