package top

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Screen shows an observer's views on a terminal until the user quits or ctx
// ends. It takes the whole screen, and leaves it as it was.
func Screen(ctx context.Context, observer *Observer, interval time.Duration, options ...tea.ProgramOption) error {
	program := tea.NewProgram(screen{ctx: ctx, observer: observer, interval: interval},
		append([]tea.ProgramOption{tea.WithContext(ctx), tea.WithoutSignalHandler()}, options...)...)
	_, err := program.Run()
	if ctx.Err() != nil {
		return nil // stopped by a signal
	}
	return err
}

// screen is the model of the terminal's program.
type screen struct {
	ctx           context.Context
	observer      *Observer
	interval      time.Duration
	view          *View
	width, height int
}

type (
	observed View
	due      struct{}
)

// Init implements tea.Model.
func (s screen) Init() tea.Cmd { return s.observe }

// observe runs alone: the next one begins after its view has arrived.
func (s screen) observe() tea.Msg { return observed(s.observer.Observe(s.ctx)) }

// Update implements tea.Model.
func (s screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		s.width, s.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		switch msg.String() {
		case "q", "esc", "ctrl+c":
			return s, tea.Quit
		}
	case observed:
		view := View(msg)
		s.view = &view
		return s, tea.Tick(s.interval, func(time.Time) tea.Msg { return due{} })
	case due:
		return s, s.observe
	}
	return s, nil
}

// View implements tea.Model.
func (s screen) View() (view tea.View) {
	view.AltScreen = true
	view.Content = "agd top: reading …\n"
	if s.view != nil {
		view.Content = Render(*s.view, s.width, s.height-2) + "q quits\n"
	}
	return view
}
