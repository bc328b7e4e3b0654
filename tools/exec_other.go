//go:build !unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
)

// become runs the program at path in this process's place and exits with its
// exit code. An interrupt reaches both processes through the console; this one
// ignores it, so that the program decides when to end. It returns only where the
// program did not start.
func become(path string, env []string) error {
	cmd := exec.Command(path, os.Args[1:]...)
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signal.Ignore(os.Interrupt)
	if err := cmd.Start(); err != nil {
		signal.Reset(os.Interrupt)
		return err
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		os.Exit(1)
	}
	os.Exit(cmd.ProcessState.ExitCode())
	return nil
}
