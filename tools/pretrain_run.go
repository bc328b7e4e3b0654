package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"vaelab/core"
	"vaelab/tools/internal/atomicfile"
)

// pretraining is a run under way.
type pretraining struct {
	id          string
	set         dataset
	trainer     *core.Trainer
	threads     int
	out         outputs
	resumedFrom string
	log         runLog
	partial     float64 // seconds that the epoch under way took before the run was stopped

	say, news io.Writer // results; progress and remarks

	mu    sync.Mutex
	meter *meter // of the epoch under way, or nil
}

// header says what is about to run.
func (r *pretraining) header() {
	l := &r.log
	fmt.Fprintf(r.say, "kernel     %s, %d %s\n", l.Kernel, r.threads, plural(r.threads, "thread"))
	fmt.Fprintf(r.say, "data       %s: %s training and %s validation images\n", l.Data.Name, thousands(l.Data.TrainImages), thousands(l.Data.TestImages))
	fmt.Fprintf(r.say, "model      %s parameters, latent %d, hidden %d, channels %v and %d\n", thousands(l.Parameters), l.Config.Latent, l.Config.Hidden, l.Config.Encoder, l.Config.Decoder)
	beta := ""
	if l.Unit == nats {
		beta = fmt.Sprintf(" with β = %v", l.Beta)
	}
	fmt.Fprintf(r.say, "objective  %s%s, loss in %s\n", l.Objective, beta, lossUnit(l.Unit))
	fmt.Fprintf(r.say, "training   %s, lr %v, batch %d in %d %s, seed %d\n", l.Optimizer.Name, l.Optimizer.LearningRate, l.Batch, l.Shards, plural(l.Shards, "shard"), l.Seed)
	if r.resumedFrom != "" {
		fmt.Fprintf(r.say, "resumed    %s, %d of %d epochs done\n", r.resumedFrom, len(l.Rows), l.Epochs)
	}
	fmt.Fprintf(r.say, "model to   %s\n", r.out.model)
}

// train trains what is left, and writes model and log.
func (r *pretraining) train(ctx context.Context) error {
	ctx, stop := interruptible(ctx, func(s os.Signal) {
		r.tell(fmt.Sprintf("%v: finishing what is under way and writing a checkpoint; a second signal stops at once", s))
	})
	defer stop()
	for !r.trainer.Done() {
		if err := r.epoch(ctx); err != nil {
			return err
		}
	}
	model, err := core.SaveModel(r.trainer.Model(), r.metadata())
	if err != nil {
		return err
	}
	if err := atomicfile.Write(r.out.model, model); err != nil {
		return err
	}
	if err := r.writeLogs(); err != nil {
		return err
	}
	l := &r.log
	last := l.Rows[len(l.Rows)-1]
	fmt.Fprintf(r.say, "wrote %s: val_loss %.4f, %s images/s, %v\n", r.out.model, last.Val.Loss,
		thousands(int(l.ImagesPerSecond)), time.Duration(l.Seconds*float64(time.Second)).Round(time.Second))
	return nil
}

// epoch trains and validates one epoch, or the rest of it, and writes the
// checkpoint and the logs.
func (r *pretraining) epoch(ctx context.Context) error {
	images := r.set.train.Len()
	begin := time.Now()
	before := -1 // images of this epoch that were through when we began
	fmt.Fprintf(r.say, "Epoch %d/%d\n", r.trainer.Epoch()+1, r.log.Epochs)
	var p core.Progress
	for !p.EpochDone {
		if ctx.Err() != nil {
			r.endMeter()
			return r.interrupted(context.Cause(ctx), time.Since(begin).Seconds())
		}
		var err error
		if p, err = r.trainer.Step(); err != nil {
			r.endMeter()
			return r.diverged(err)
		}
		done := min(p.Step*r.log.Batch, images)
		if before < 0 {
			before = done - p.Images
			r.startMeter(images, before)
		}
		seconds := time.Since(begin).Seconds()
		rate := float64(done-before) / seconds
		left := time.Duration(float64(images-done) / rate * float64(time.Second))
		r.meter.show(done, fmt.Sprintf("%s - %.0f images/s - %v left", r.meterText(p.Running), rate, left.Round(time.Second)))
	}
	training := time.Since(begin).Seconds() + r.partial
	r.meter.show(images, r.meterText(p.Running)+" - validating")
	val := r.trainer.Validate(r.set.test)
	r.endMeter()
	seconds := time.Since(begin).Seconds() + r.partial
	r.partial = 0
	r.log.add(epochRow{
		Epoch: p.Epoch + 1, Train: r.losses(p.Running), Val: r.losses(val),
		Seconds: seconds, ImagesPerSecond: float64(images) / training,
	})
	fmt.Fprintf(r.say, "%d/%d - %.0fs - %s - %s - %.0f images/s\n", images, images, seconds,
		r.lossText("", p.Running), r.lossText("val_", val), float64(images)/training)
	if err := r.writeCheckpoint(); err != nil {
		return err
	}
	return r.writeLogs()
}

func (r *pretraining) losses(l core.Losses) lossJSON {
	return describeLosses(r.trainer.Config().Objective, l, r.log.Config.Latent)
}

// lossText writes losses as Keras does: loss: 0.2109. A loss in nats comes with
// its two parts.
func (r *pretraining) lossText(prefix string, l core.Losses) string {
	if r.log.Unit == perPixel {
		return fmt.Sprintf("%sloss: %.4f", prefix, r.losses(l).Loss)
	}
	return fmt.Sprintf("%sloss: %.2f - %s", prefix, r.losses(l).Loss, partsText(prefix, l))
}

// partsText writes the parts of any loss, in nats an image.
func partsText(prefix string, l core.Losses) string {
	return fmt.Sprintf("%sreconstruction: %.2f - %skl: %.2f", prefix, l.Reconstruction, prefix, l.KL)
}

// meterText is what stands beside the bar.
func (r *pretraining) meterText(l core.Losses) string {
	text := r.lossText("", l)
	if r.log.Unit == perPixel {
		text += " - " + partsText("", l)
	}
	return text
}

// interrupted writes a checkpoint in the middle of an epoch.
func (r *pretraining) interrupted(cause error, seconds float64) error {
	r.partial += seconds
	if err := r.writeCheckpoint(); err != nil {
		return fmt.Errorf("%v, and the checkpoint could not be written: %w", cause, err)
	}
	return codedError{fmt.Errorf("%v; go on with: pretrain --resume %s", cause, r.out.checkpoint), exitInterrupted}
}

// diverged explains a failed step.
func (r *pretraining) diverged(err error) error {
	if !errors.Is(err, core.ErrDiverged) {
		return err
	}
	kept := "no epoch was complete"
	if len(r.log.Rows) > 0 {
		kept = r.out.checkpoint + " holds the last complete epoch"
	}
	return fmt.Errorf("epoch %d: %w (--lr is %v); %s", r.trainer.Epoch()+1, err, r.log.Optimizer.LearningRate, kept)
}

func (r *pretraining) writeCheckpoint() error {
	metadata := r.metadata()
	history, err := json.Marshal(r.log.Rows)
	if err != nil {
		return err
	}
	metadata[metaHistory] = string(history)
	metadata[metaPartial] = fmt.Sprint(r.partial)
	b, err := r.trainer.Checkpoint(metadata)
	if err != nil {
		return err
	}
	return atomicfile.Write(r.out.checkpoint, b)
}

func (r *pretraining) writeLogs() error {
	var text bytes.Buffer
	if err := printJSON(&text, r.log); err != nil {
		return err
	}
	if err := atomicfile.Write(r.out.json, text.Bytes()); err != nil {
		return err
	}
	return atomicfile.Write(r.out.csv, r.log.csv())
}

func (r *pretraining) startMeter(total, done int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.meter = newMeter(r.news, total, done)
}

func (r *pretraining) endMeter() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.meter != nil {
		r.meter.stop()
		r.meter = nil
	}
}

// tell writes a line to news, beside the bar if there is one.
func (r *pretraining) tell(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.meter != nil {
		r.meter.say(line)
		return
	}
	fmt.Fprintln(r.news, line)
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
