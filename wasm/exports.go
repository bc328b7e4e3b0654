//go:build js && wasm

package main

import "unsafe"

// Exports of the WebAssembly instance itself, for what happens several times in a
// step: numbers in, a number out, no allocation, under a microsecond. (A call
// through syscall/js takes a hundred times that, and leaves garbage.) JavaScript
// copies straight into and out of the memory that the pointers name: Go's heap does
// not move, but views of it end when it grows, so they are made for each copy.
// protocol.ts has the same list as EngineExports.

// Statuses of the exports that can fail.
const (
	statusOK       = 0
	statusFailed   = 1 // [engine.fault] says why
	statusDiverged = 2
)

// status runs do, and keeps what went wrong for [engine.fault].
func status(do func() (int32, error)) (code int32) {
	defer func() {
		if r := recover(); r != nil {
			theEngine.lastFault, code = recovered(r), statusFailed
		}
	}()
	code, err := do()
	if err != nil {
		theEngine.lastFault, code = asFailure(err), statusFailed
	}
	return code
}

// fault throws what the last failed export ran into.
func (e *engine) fault(Empty) (Empty, error) {
	if e.lastFault == nil {
		return Empty{}, stateError("no call has failed")
	}
	return Empty{}, e.lastFault
}

// The leader's side.

// stepBegin takes the next batch; its block is to be handed out then.
//
//go:wasmexport stepBegin
func stepBegin() int32 { return status(theEngine.beginStep) }

// validationBlock makes the block of images [lo, hi) of the validation.
//
//go:wasmexport validationBlock
func validationBlock(lo, hi int32) int32 {
	return status(func() (int32, error) { return theEngine.blockOfValidation(int(lo), int(hi)) })
}

//go:wasmexport blockStart
func blockStart() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(theEngine.block)) }

//go:wasmexport blockBytes
func blockBytes() int32 { return int32(4 * len(theEngine.block)) }

// parameters is where the model's parameters lie, parameterCount float32 values.
//
//go:wasmexport parameters
func parameters() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(theEngine.model.Flat())) }

//go:wasmexport parameterCount
func parameterCount() int32 { return int32(theEngine.model.Parameters()) }

// groupSize is how many shards to give to one of n replicas at a time.
//
//go:wasmexport groupSize
func groupSize(n int32) int32 { return theEngine.groupSize(int(n)) }

// gradient is where the sum of the gradients of the group that begins with a shard
// belongs, parameterCount float32 values.
//
//go:wasmexport gradient
func gradient(shard int32) unsafe.Pointer { return theEngine.gradient(int(shard)) }

// results is where sums of losses pass through: float64 pairs of reconstruction and
// KL, one per shard of a group or per slice of a validation; room for n of them.
//
//go:wasmexport results
func results(n int32) unsafe.Pointer { return theEngine.resultsFor(int(n)) }

// stepAccept takes note of the results of shards first … first+count−1.
//
//go:wasmexport stepAccept
func stepAccept(first, count int32) int32 {
	return status(func() (int32, error) { return theEngine.acceptShards(int(first), int(count)) })
}

// stepFinish updates the parameters; the report lies at stepReport then.
//
//go:wasmexport stepFinish
func stepFinish(group int32) int32 {
	return status(func() (int32, error) { return theEngine.finishStep(int(group)) })
}

// stepReport is where the state after a step lies, as float64 values: epoch, step,
// images, 1 where the epoch is done, then loss, reconstruction and KL of the epoch so
// far and of the batch.
//
//go:wasmexport stepReport
func stepReport() unsafe.Pointer { return unsafe.Pointer(&theEngine.report) }

// validationAccept takes note of the results of images [lo, hi) of the validation.
//
//go:wasmexport validationAccept
func validationAccept(lo, hi int32) int32 {
	return status(func() (int32, error) { return theEngine.acceptValidation(int(lo), int(hi)) })
}

// The replica's side.

// replicaParameters is where a replica's parameters are to be written.
//
//go:wasmexport replicaParameters
func replicaParameters() unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(theEngine.replica.Parameters()))
}

// replicaChanged says that they were.
//
//go:wasmexport replicaChanged
func replicaChanged() { theEngine.model.Changed() }

// replicaBlock is where a block of so many bytes is to be written.
//
//go:wasmexport replicaBlock
func replicaBlock(bytes int32) unsafe.Pointer { return theEngine.blockFor(int(bytes)) }

// replicaGradient computes shards first … first+count−1 of the block: their sums of
// losses lie at results then, the sum of their gradients at replicaSum.
//
//go:wasmexport replicaGradient
func replicaGradient(first, count int32) int32 {
	return status(func() (int32, error) { return theEngine.computeShards(int(first), int(count)) })
}

//go:wasmexport replicaSum
func replicaSum() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(theEngine.sum)) }

// replicaScore scores the block's images: one pair of results per slice.
//
//go:wasmexport replicaScore
func replicaScore() int32 { return status(theEngine.scoreBlock) }
