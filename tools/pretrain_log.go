package main

import (
	"bytes"
	"encoding/csv"
	"strconv"

	"vaelab/core"
)

// runLog is a run's JSON log: settings, what they ran on, and a row per epoch.
type runLog struct {
	Version         string        `json:"version"`
	Command         string        `json:"command"` // makes this run again, on any machine
	Run             string        `json:"run"`     // ID: the same for runs through the same weights
	Kernel          string        `json:"kernel"`
	Threads         int           `json:"threads"`
	Data            dataJSON      `json:"data"`
	Config          configJSON    `json:"config"`
	Parameters      int           `json:"parameters"`
	Objective       string        `json:"objective"`
	Beta            float64       `json:"beta"`
	Unit            string        `json:"unit"` // of loss
	Optimizer       optimizerJSON `json:"optimizer"`
	Batch           int           `json:"batch"`
	Shards          int           `json:"shards"`
	Seed            uint64        `json:"seed"`
	Epochs          int           `json:"epochs"` // wanted; len(Rows) are done
	Rows            []epochRow    `json:"rows"`
	Seconds         float64       `json:"seconds"`           // of all rows
	ImagesPerSecond float64       `json:"images_per_second"` // of training, mean over rows
}

type dataJSON struct {
	Name        string `json:"name"`
	TrainImages int    `json:"train_images"`
	TestImages  int    `json:"test_images"`
}

type optimizerJSON struct {
	Name         string  `json:"name"`
	LearningRate float64 `json:"learning_rate"`
	Epsilon      float64 `json:"epsilon"`
}

// epochRow is one epoch. Losses are as in lossJSON.
type epochRow struct {
	Epoch           int      `json:"epoch"` // 1-based
	Train           lossJSON `json:"train"` // running mean over the epoch, as Keras prints it
	Val             lossJSON `json:"val"`
	Seconds         float64  `json:"seconds"` // training and validation
	ImagesPerSecond float64  `json:"images_per_second"`
}

// add appends a row and brings the totals up to date.
func (l *runLog) add(row epochRow) {
	l.Rows = append(l.Rows, row)
	l.total()
}

func (l *runLog) total() {
	var seconds, training float64
	for _, r := range l.Rows {
		seconds += r.Seconds
		training += float64(l.Data.TrainImages) / r.ImagesPerSecond
	}
	l.Seconds = seconds
	if training > 0 {
		l.ImagesPerSecond = float64(l.Data.TrainImages*len(l.Rows)) / training
	}
}

// The units of a loss.
const (
	perPixel = "per pixel"
	nats     = "nats"
)

// unit says what an objective's loss is measured in.
func unit(o core.Objective) string {
	if o.Name == core.SeedPreset().Objective.Name {
		return perPixel
	}
	return nats
}

// lossUnit is unit in words for people.
func lossUnit(unit string) string {
	if unit == perPixel {
		return "nats per pixel"
	}
	return unit
}

// csvHeader names the columns of the CSV log.
var csvHeader = []string{
	"epoch", "loss", "reconstruction", "kl", "val_loss", "val_reconstruction", "val_kl", "seconds", "images_per_second",
}

// csv is the rows as CSV.
func (l *runLog) csv() []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	write := func(record []string) {
		if err := w.Write(record); err != nil {
			panic(err) // a buffer takes everything
		}
	}
	write(csvHeader)
	for _, r := range l.Rows {
		record := []string{strconv.Itoa(r.Epoch)}
		for _, v := range []float64{
			r.Train.Loss, r.Train.Reconstruction, r.Train.KL, r.Val.Loss, r.Val.Reconstruction, r.Val.KL, r.Seconds, r.ImagesPerSecond,
		} {
			record = append(record, strconv.FormatFloat(v, 'g', 9, 64))
		}
		write(record)
	}
	w.Flush()
	return out.Bytes()
}
