//go:build js && wasm

package main

import "strconv"

// Kinds of failure, as in EngineError of protocol.ts. Downloads and missing
// features are found out in TypeScript and never arise here.
const (
	kindInput    = "input"    // what was passed is wrong
	kindState    = "state"    // not now
	kindInternal = "internal" // a fault of the program
)

// failure is an error that crosses into JavaScript, as "kind: message".
type failure struct{ kind, message string }

func (f *failure) Error() string { return f.kind + ": " + f.message }

func inputError(message string) error { return &failure{kindInput, message} }
func stateError(message string) error { return &failure{kindState, message} }

// badInput marks an error of core's as the fault of what was passed to it.
func badInput(err error) error { return &failure{kindInput, err.Error()} }

// guard lets no panic out of a call: it would end the Go program and with it
// the model that is being trained.
func guard[Request, Answer any](call func(Request) (Answer, error)) func(Request) (Answer, error) {
	return func(request Request) (answer Answer, err error) {
		defer func() {
			if r := recover(); r != nil {
				err = recovered(r)
			}
		}()
		if answer, err = call(request); err != nil {
			err = asFailure(err)
		}
		return answer, err
	}
}

// recovered is what a panic was about.
func recovered(r any) *failure {
	switch r := r.(type) {
	case error:
		return &failure{kindInternal, r.Error()}
	case string:
		return &failure{kindInternal, r}
	}
	return &failure{kindInternal, "the engine panicked"}
}

// asFailure gives an error without a kind the kind of a fault of the program.
func asFailure(err error) *failure {
	if f, known := err.(*failure); known {
		return f
	}
	return &failure{kindInternal, err.Error()}
}

// maxSeed is 2⁵³−1, the largest integer that JavaScript holds exactly.
const maxSeed = 1<<53 - 1

// whole checks that v is an integer from lo to hi.
func whole(name string, v float64, lo, hi int) (int, error) {
	if !(v >= float64(lo) && v <= float64(hi)) || v != float64(int(v)) {
		return 0, inputError(name + " is " + strconv.FormatFloat(v, 'g', -1, 64) + ", want a whole number from " +
			strconv.Itoa(lo) + " to " + strconv.Itoa(hi))
	}
	return int(v), nil
}
