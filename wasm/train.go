//go:build js && wasm

package main

import (
	"errors"
	"strconv"

	"vaelab/core"
	"vaelab/core/data"
)

// Keys of the metadata that a model trained here carries and that are read again;
// the names are those that pretrain writes, see runMetadata for the others.
const (
	metaObjective = "objective"
	metaEpochs    = "epochs" // completed
)

// validationSlice is how many images a slice of the validation takes, a multiple of
// core.ScoreSlice: forward only, they cost a little less than a step's slice of four.
const validationSlice = 8

// run is a training run: steps, and a validation at the end of each epoch.
type run struct {
	trainer    *core.Trainer
	images     *data.Set
	validation *data.Set
	objective  core.Objective
	latent     int

	validating bool
	trained    core.Losses   // of the epoch that is being validated
	epoch      int           // its number
	validated  int           // images of the validation done here
	sums       []core.Losses // of the validation, per slice of core.ScoreSlice images, from here or from replicas
}

// beginValidation follows an epoch's last step.
func (r *run) beginValidation(p core.Progress) {
	r.validating, r.trained, r.epoch, r.validated = true, p.Running, p.Epoch, 0
}

// train prepares a run. The engine's model is replaced only once everything has
// been checked.
func (e *engine) train(q TrainRequest) (RunInfo, error) {
	if e.run != nil {
		return RunInfo{}, errTraining
	}
	if e.trainSet == nil || e.testSet == nil {
		return RunInfo{}, stateError("the digits are not loaded yet: load the data first")
	}
	s := q.Settings
	cfg, err := trainConfig(s)
	if err != nil {
		return RunInfo{}, err
	}
	images, err := whole("the number of images", s.Images, 1, e.trainSet.Len())
	if err != nil {
		return RunInfo{}, err
	}
	var m *core.Model
	from := "scratch"
	switch s.From {
	case "scratch":
		if m, err = initial(s.Model, s.Seed); err != nil {
			return RunInfo{}, err
		}
	case "loaded":
		if e.model == nil {
			return RunInfo{}, errNoModel
		}
		m, from = e.model, e.about.Name
	default:
		return RunInfo{}, inputError(`training starts from "` + s.From + `", want "scratch" or "loaded"`)
	}
	trainer, err := core.NewTrainer(m, e.trainSet.Head(images), cfg)
	if err != nil {
		return RunInfo{}, badInput(err)
	}
	e.hold(m, sourceTrained, nameTrained, runMetadata(s, trainer.Config(), from))
	e.run = e.newRun(trainer, images)
	return e.infoOf(e.run), nil
}

// newRun is a run of a trainer on the first images of the training set.
func (e *engine) newRun(trainer *core.Trainer, images int) *run {
	return &run{
		trainer:    trainer,
		images:     e.trainSet.Head(images),
		validation: e.testSet,
		objective:  trainer.Config().Objective,
		latent:     trainer.Model().Config().Latent,
		sums:       make([]core.Losses, (e.testSet.Len()+core.ScoreSlice-1)/core.ScoreSlice),
	}
}

func (e *engine) infoOf(r *run) RunInfo {
	cfg := r.trainer.Config()
	return RunInfo{
		Steps:      (r.images.Len() + cfg.Batch - 1) / cfg.Batch,
		Epochs:     cfg.Epochs,
		Images:     r.images.Len(),
		Validation: r.validation.Len(),
		Shards:     cfg.Shards,
		Model:      e.about,
	}
}

// advance does one slice of the run and says what it brought. Between two calls
// the model holds the parameters of the last completed step.
func (e *engine) advance(Empty) (Advance, error) {
	r := e.run
	if r == nil {
		return Advance{}, errNoRun
	}
	if r.validating {
		return e.validate(), nil
	}
	p, done, err := r.trainer.Advance()
	if err != nil {
		e.run = nil
		if errors.Is(err, core.ErrDiverged) {
			return Advance{Phase: "diverged", Model: &e.about}, nil
		}
		return Advance{}, err
	}
	if !done {
		return Advance{Phase: "train"}, nil
	}
	if p.EpochDone {
		r.beginValidation(p)
	}
	return Advance{Phase: "train", Images: p.Images, Step: &StepReport{
		Epoch: p.Epoch, Step: p.Step, EpochDone: p.EpochDone,
		Running: r.losses(p.Running), Batch: r.losses(p.Batch),
	}}, nil
}

// validate does one slice of the validation, and ends the epoch at the last.
func (e *engine) validate() Advance {
	r := e.run
	lo := r.validated
	hi := min(lo+validationSlice, r.validation.Len())
	r.trainer.ScoreSlices(r.sums[lo/core.ScoreSlice:(hi+core.ScoreSlice-1)/core.ScoreSlice], r.validation, lo, hi)
	r.validated = hi
	if hi < r.validation.Len() {
		return Advance{Phase: "validate", Images: hi - lo}
	}
	last := e.reportEpoch()
	last.Images = hi - lo
	return last
}

// endEpoch follows the last range of a validation that replicas computed.
func (e *engine) endEpoch(Empty) (Advance, error) {
	if e.run == nil || !e.run.validating {
		return Advance{}, errNoRun
	}
	return e.reportEpoch(), nil
}

// reportEpoch adds up the validation, in the order of the images.
func (e *engine) reportEpoch() Advance {
	r := e.run
	r.validating = false
	var mean core.Losses
	for _, sum := range r.sums {
		mean.Reconstruction += sum.Reconstruction
		mean.KL += sum.KL
	}
	n := float64(r.validation.Len())
	mean.Reconstruction /= n
	mean.KL /= n
	report := &EpochReport{Epoch: r.epoch, Train: r.losses(r.trained), Validation: r.losses(mean)}
	e.about.Metadata[metaEpochs] = strconv.Itoa(r.epoch + 1)
	noteLosses(e.about.Metadata, "", report.Train)
	noteLosses(e.about.Metadata, "val_", report.Validation)
	if !r.trainer.Done() {
		return Advance{Phase: "validate", Epoch: report}
	}
	e.run = nil
	return Advance{Phase: "finished", Epoch: report, Model: &e.about}
}

// stop ends the run; a step that is half done is dropped.
func (e *engine) stop(Empty) (ModelAnswer, error) {
	if e.run == nil {
		return ModelAnswer{}, errNoRun
	}
	e.run = nil
	return ModelAnswer{e.about}, nil
}

var errNoRun = stateError("no training is running: start one first")

func (r *run) losses(l core.Losses) Losses {
	return Losses{Loss: r.objective.Loss(l, r.latent), Reconstruction: l.Reconstruction, KL: l.KL}
}

// trainConfig checks the settings that core would take for a wish for its default.
func trainConfig(s TrainSettings) (core.TrainConfig, error) {
	batch, err := whole("the batch", s.Batch, 1, 1024)
	if err != nil {
		return core.TrainConfig{}, err
	}
	epochs, err := whole("the number of epochs", s.Epochs, 1, 100_000)
	if err != nil {
		return core.TrainConfig{}, err
	}
	seed, err := whole("the seed", s.Seed, 0, maxSeed)
	if err != nil {
		return core.TrainConfig{}, err
	}
	if !(s.LearningRate > 0 && s.LearningRate <= 10) {
		return core.TrainConfig{}, inputError("the learning rate is " + decimal(s.LearningRate) + ", want more than 0, at most 10")
	}
	cfg := core.TrainConfig{
		Objective: objective(s.Objective, s.Beta),
		Optimizer: core.Optimizer{Name: s.Optimizer, LR: s.LearningRate},
		Batch:     batch,
		Epochs:    epochs,
		Seed:      uint64(seed),
	}
	if err := cfg.Validate(); err != nil {
		return core.TrainConfig{}, badInput(err)
	}
	return cfg, nil
}

// objective leaves β to the one that has it.
func objective(name string, beta float64) core.Objective {
	o := core.Objective{Name: name}
	if name == "elbo" {
		o.Beta = beta
	}
	return o
}

// runMetadata is what the model's file will say of the run, under the names that
// pretrain uses.
func runMetadata(s TrainSettings, cfg core.TrainConfig, from string) map[string]string {
	m := map[string]string{
		"version":       core.Version,
		"kernel":        core.Kernel(),
		"train_images":  decimal(s.Images),
		"from":          from,
		metaObjective:   s.Objective,
		"optimizer":     s.Optimizer,
		"learning_rate": decimal(s.LearningRate),
		"batch":         decimal(s.Batch),
		"shards":        strconv.Itoa(cfg.Shards),
		"seed":          decimal(s.Seed),
		metaEpochs:      "0",
	}
	if s.Objective == "elbo" {
		m["beta"] = decimal(s.Beta)
	}
	return m
}

func noteLosses(metadata map[string]string, prefix string, l Losses) {
	for name, v := range map[string]float64{"loss": l.Loss, "reconstruction": l.Reconstruction, "kl": l.KL} {
		metadata[prefix+name] = strconv.FormatFloat(v, 'g', 7, 64)
	}
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
