package main

import (
	"errors"
	"fmt"
	"io/fs"
)

// codedError is a failure with an exit code other than 1.
type codedError struct {
	error
	code int
}

func (e codedError) Unwrap() error { return e.error }

// Exit codes besides 0 and 1, the general failure.
const (
	exitUsage       = 2   // the command line is wrong
	exitInterrupted = 130 // stopped by SIGINT or SIGTERM, work saved
)

// usagef makes the error of a wrong command line; name the flag and its range.
func usagef(format string, args ...any) error {
	return codedError{fmt.Errorf(format, args...), exitUsage}
}

// plainReason drops operation and path from a file error, for messages that
// name the path already.
func plainReason(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
