//go:build unix

package main

import (
	"os"
	"syscall"
)

// become replaces this process by the program at path: the process id stays, so
// signals and the exit code need no passing on. It returns only where it failed.
func become(path string, env []string) error {
	return &os.PathError{Op: "exec", Path: path, Err: syscall.Exec(path, append([]string{path}, os.Args[1:]...), env)}
}
