package supervisor

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
)

// RunProgram runs a program that prepares something, until it ends. It passes
// stop signals on to the program; stopped reports that one came. said is what a
// program that failed has written to its standard error.
func RunProgram(command, env []string, stdout io.Writer, signals <-chan os.Signal) (said string, stopped bool, err error) {
	var output bytes.Buffer
	program := exec.Command(command[0], command[1:]...)
	program.Env, program.Stdout, program.Stderr = env, stdout, &output
	if err := program.Start(); err != nil {
		return "", false, err
	}
	ended := make(chan error, 1)
	go func() { ended <- program.Wait() }()
	for {
		select {
		case signal := <-signals:
			stopped = true
			_ = program.Process.Signal(signal)
		case err := <-ended:
			select {
			case <-signals: // it came with the end
				stopped = true
			default:
			}
			return strings.TrimSpace(output.String()), stopped, err
		}
	}
}
