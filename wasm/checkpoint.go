//go:build js && wasm

package main

import (
	"maps"
	"strconv"
	"strings"

	"vaelab/core"
)

// Keys of a checkpoint's metadata for a run whose epoch is trained and not yet
// validated: the validation is then done from its start, to the same bits.
const (
	runPrefix      = "run."
	metaValidating = runPrefix + "validating" // the epoch's number
	metaTrainedRec = runPrefix + "reconstruction"
	metaTrainedKL  = runPrefix + "kl"
)

// What a model that is trained here is called.
const (
	sourceTrained = "trained"
	nameTrained   = "trained in this tab"
)

// checkpoint returns the run as it was after its last step.
func (e *engine) checkpoint(Empty) (CheckpointAnswer, error) {
	r := e.run
	if r == nil {
		return CheckpointAnswer{}, errNoRun
	}
	metadata := maps.Clone(e.about.Metadata)
	if r.validating {
		metadata[metaValidating] = strconv.Itoa(r.epoch)
		metadata[metaTrainedRec] = strconv.FormatFloat(r.trained.Reconstruction, 'g', -1, 64)
		metadata[metaTrainedKL] = strconv.FormatFloat(r.trained.KL, 'g', -1, 64)
	}
	b, err := r.trainer.Checkpoint(metadata)
	if err != nil {
		return CheckpointAnswer{}, err
	}
	return CheckpointAnswer{Bytes: bytesOut(b), Epoch: r.trainer.Epoch(), Step: r.trainer.EpochStep()}, nil
}

// recover goes on with a run from a checkpoint, to the same bits as if it had never
// been interrupted. The engine's model is replaced only once everything has been checked.
func (e *engine) recover(q RecoverRequest) (RecoverAnswer, error) {
	if e.run != nil {
		return RecoverAnswer{}, errTraining
	}
	if e.trainSet == nil || e.testSet == nil {
		return RecoverAnswer{}, stateError("the digits are not loaded yet: load the data first")
	}
	images, err := whole("the number of images", q.Images, 1, e.trainSet.Len())
	if err != nil {
		return RecoverAnswer{}, err
	}
	b, err := bytesIn("bytes", q.Bytes)
	if err != nil {
		return RecoverAnswer{}, err
	}
	trainer, metadata, err := core.Resume(b, e.trainSet.Head(images))
	if err != nil {
		return RecoverAnswer{}, badInput(err)
	}
	r := e.newRun(trainer, images)
	if _, validating := metadata[metaValidating]; validating {
		if err := r.resumeValidation(metadata); err != nil {
			return RecoverAnswer{}, err
		}
	} else if trainer.Done() {
		return RecoverAnswer{}, inputError("checkpoint: all epochs are trained: load it as a model instead of going on")
	}
	e.hold(trainer.Model(), sourceTrained, nameTrained, ofTheRun(metadata))
	e.run = r
	return RecoverAnswer{Run: e.infoOf(r), Epoch: trainer.Epoch(), Step: trainer.EpochStep()}, nil
}

// resumeValidation begins the validation again that the checkpoint was taken in.
func (r *run) resumeValidation(metadata map[string]string) error {
	epoch, err := strconv.Atoi(metadata[metaValidating])
	rec, recErr := strconv.ParseFloat(metadata[metaTrainedRec], 64)
	kl, klErr := strconv.ParseFloat(metadata[metaTrainedKL], 64)
	if err != nil || recErr != nil || klErr != nil || epoch != r.trainer.Epoch()-1 || r.trainer.EpochStep() != 0 {
		return inputError("checkpoint: what it says of the epoch's validation is damaged")
	}
	r.beginValidation(core.Progress{Epoch: epoch, Running: core.Losses{Reconstruction: rec, KL: kl}})
	return nil
}

// ofTheRun leaves out of a checkpoint's metadata what belongs to the checkpoint
// alone: the model's file then says the same as if there had been no interruption.
func ofTheRun(metadata map[string]string) map[string]string {
	kept := map[string]string{}
	for key, value := range metadata {
		prefix, _, dotted := strings.Cut(key, ".")
		switch {
		case dotted && (prefix == "vaelab" || prefix == "model" || prefix == "train" || prefix == "position" || prefix == "data"):
		case strings.HasPrefix(key, runPrefix):
		default:
			kept[key] = value
		}
	}
	return kept
}
