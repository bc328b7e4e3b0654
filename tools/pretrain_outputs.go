package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vaelab/core"
	"vaelab/tools/internal/atomicfile"
)

const (
	modelSuffix      = ".safetensors"
	checkpointSuffix = ".checkpoint.safetensors"
)

// outputs are the files that a run writes.
type outputs struct {
	model, checkpoint, csv, json string
}

// outputs derives the files from --out and --log; name is the model's default.
func (c *PretrainCmd) outputs(name string) outputs {
	model := c.Out
	if model == "" {
		model = filepath.Join("out", name+modelSuffix)
	}
	base := strings.TrimSuffix(model, modelSuffix)
	log := base
	if c.Log != "" {
		log = strings.TrimSuffix(strings.TrimSuffix(c.Log, ".csv"), ".json")
	}
	return outputs{model: model, checkpoint: base + checkpointSuffix, csv: log + ".csv", json: log + ".json"}
}

// claim checks, before anything is computed, that the files may be written and
// that none of them belongs to another run (force: that does not matter). A
// resumed run may replace files of its own ID, a fresh one none.
func (o outputs) claim(id string, force, resumed bool) error {
	if !force {
		for _, path := range []string{o.model, o.checkpoint, o.json, o.csv} {
			if err := o.mayReplace(path, id, resumed); err != nil {
				return err
			}
		}
	}
	for _, path := range []string{o.model, o.checkpoint, o.json, o.csv} {
		if err := atomicfile.Check(path); err != nil {
			return err
		}
	}
	return nil
}

func (o outputs) mayReplace(path, id string, resumed bool) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && !info.Mode().IsRegular()) {
		return nil // atomicfile.Check will say what a folder is
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, plainReason(err))
	}
	if !resumed {
		hint := ""
		if _, err := os.Stat(o.checkpoint); err == nil {
			hint = ", --resume " + o.checkpoint + " goes on with its run"
		}
		return fmt.Errorf("%s exists: --force overwrites it, --out FILE writes elsewhere%s", path, hint)
	}
	if o.owner(path) != id {
		return fmt.Errorf("%s exists and is not of the run that is resumed: --force overwrites it, --out FILE writes elsewhere", path)
	}
	return nil
}

// owner is the ID of the run that wrote the file, or "".
func (o outputs) owner(path string) string {
	if path == o.csv { // it has no place for an ID and comes and goes with the JSON
		path = o.json
	}
	b, err := readFile(path)
	if err != nil {
		return ""
	}
	if path == o.json {
		var log struct{ Run string }
		if json.Unmarshal(b, &log) != nil {
			return ""
		}
		return log.Run
	}
	_, metadata, err := core.LoadModel(b)
	if err != nil {
		return ""
	}
	return metadata[metaRun]
}
