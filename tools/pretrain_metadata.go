package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"vaelab/core"
)

// Keys of a file's metadata that pretrain reads again.
const (
	metaRun     = "run"           // runID
	metaImages  = "train_images"  // number of training images
	metaHistory = "history"       // checkpoint only: the log's rows as JSON
	metaPartial = "epoch_seconds" // checkpoint only: spent on the epoch under way
)

// describe fills the log with everything but its rows.
func (r *pretraining) describe() {
	m, t := r.trainer.Model(), r.trainer.Config()
	l := &r.log
	l.Version = core.Version
	l.Run = r.id
	l.Kernel = core.Kernel()
	l.Threads = r.threads
	l.Data = dataJSON{r.set.name, r.set.train.Len(), r.set.test.Len()}
	l.Config = describeConfig(m.Config())
	l.Parameters = m.Parameters()
	l.Objective, l.Beta, l.Unit = t.Objective.Name, t.Objective.Beta, unit(t.Objective)
	l.Optimizer = optimizerJSON{t.Optimizer.Name, t.Optimizer.LR, t.Optimizer.Epsilon}
	l.Batch, l.Shards, l.Seed, l.Epochs = t.Batch, t.Shards, t.Seed, t.Epochs
	l.Command = r.command()
	l.total()
}

// command is the command line that makes this run, every setting spelt out.
func (r *pretraining) command() string {
	l := &r.log
	channels := strings.Trim(strings.ReplaceAll(fmt.Sprint(l.Config.Encoder), " ", ","), "[]")
	words := []string{
		"go run ./tools pretrain --preset", l.Objective,
		"--epochs", strconv.Itoa(l.Epochs), "--batch", strconv.Itoa(l.Batch), "--shards", strconv.Itoa(l.Shards),
		"--optimizer", l.Optimizer.Name, "--lr", strconv.FormatFloat(l.Optimizer.LearningRate, 'g', -1, 64),
		"--epsilon", strconv.FormatFloat(l.Optimizer.Epsilon, 'g', -1, 64),
		"--seed", strconv.FormatUint(l.Seed, 10), "--subset", strconv.Itoa(l.Data.TrainImages),
		"--latent", strconv.Itoa(l.Config.Latent), "--hidden", strconv.Itoa(l.Config.Hidden),
		"--channels", channels, "--decoder", strconv.Itoa(l.Config.Decoder),
	}
	if l.Unit == nats {
		words = append(words, "--beta", strconv.FormatFloat(l.Beta, 'g', -1, 64))
	}
	if l.Data.Name != "MNIST" {
		words = append(words, "--data", l.Data.Name)
	}
	return strings.Join(words, " ")
}

// metadata is what the model file says of itself. Nothing in it depends on the
// clock or on the machine's speed: a run that was stopped and resumed writes the
// same file as one that was not.
func (r *pretraining) metadata() map[string]string {
	l := &r.log
	out := map[string]string{
		"version":       l.Version,
		"command":       l.Command,
		metaRun:         l.Run,
		"kernel":        l.Kernel,
		"data":          l.Data.Name,
		metaImages:      strconv.Itoa(l.Data.TrainImages),
		"objective":     l.Objective,
		"optimizer":     l.Optimizer.Name,
		"epsilon":       strconv.FormatFloat(l.Optimizer.Epsilon, 'g', -1, 64),
		"learning_rate": strconv.FormatFloat(l.Optimizer.LearningRate, 'g', -1, 64),
		"batch":         strconv.Itoa(l.Batch),
		"shards":        strconv.Itoa(l.Shards),
		"seed":          strconv.FormatUint(l.Seed, 10),
		"epochs":        strconv.Itoa(len(l.Rows)),
	}
	if l.Unit == nats {
		out["beta"] = strconv.FormatFloat(l.Beta, 'g', -1, 64)
	}
	if len(l.Rows) > 0 {
		last := l.Rows[len(l.Rows)-1]
		for prefix, v := range map[string]lossJSON{"": last.Train, "val_": last.Val} {
			out[prefix+"loss"] = strconv.FormatFloat(v.Loss, 'g', 7, 64)
			out[prefix+"reconstruction"] = strconv.FormatFloat(v.Reconstruction, 'g', 7, 64)
			out[prefix+"kl"] = strconv.FormatFloat(v.KL, 'g', 7, 64)
		}
	}
	return out
}

// restore takes the rows and the time spent from a checkpoint's metadata.
func (r *pretraining) restore(metadata map[string]string) error {
	text, ok := metadata[metaHistory]
	if !ok {
		return fmt.Errorf("it was not written by pretrain (no %q in its metadata): resume it where it was made", metaHistory)
	}
	if err := json.Unmarshal([]byte(text), &r.log.Rows); err != nil {
		return fmt.Errorf("%q in its metadata is damaged: %w", metaHistory, err)
	}
	if done := r.trainer.Epoch(); len(r.log.Rows) != done {
		return fmt.Errorf("its metadata tell of %d epochs, its state of %d: it is damaged", len(r.log.Rows), done)
	}
	if len(r.log.Rows) == 0 && r.trainer.Done() {
		return fmt.Errorf("no epoch is done and none is left: it is damaged")
	}
	partial, err := strconv.ParseFloat(metadata[metaPartial], 64)
	if err != nil || !(partial >= 0) {
		return fmt.Errorf("%q in its metadata is damaged", metaPartial)
	}
	r.partial = partial
	return nil
}
