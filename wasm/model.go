//go:build js && wasm

package main

import (
	"math"
	"runtime"
	"strconv"
	"strings"

	"vaelab/core"
	"vaelab/core/data"
	"vaelab/core/noise"
)

// maxImages is the most images that one call decodes or encodes: the leader
// asks for many in slices, so that others are answered in between.
const maxImages = 4096

// engine is the state behind the calls: one model, the data, and the run that
// trains the model, nil when there is none.
type engine struct {
	model             *core.Model
	about             ModelInfo
	trainSet, testSet *data.Set
	run               *run

	// What the exports pass on, see exports.go.
	block     block
	results   []core.Losses
	report    [10]float64
	lastFault *failure

	// Of a replica: see replica.go.
	replica *core.Replica
	group   int           // the most shards it takes at a time
	job     core.ShardJob // what all its shards have in common
	sum     []float32     // of the last group's gradients
}

// memory tells of the heap: for benchmarks, and for tests that a step leaves no garbage.
func (e *engine) memory(Empty) (MemoryAnswer, error) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return MemoryAnswer{Heap: float64(m.HeapAlloc), Allocations: float64(m.Mallocs)}, nil
}

func (e *engine) info(Empty) (InfoAnswer, error) {
	return InfoAnswer{Kernel: core.Kernel(), Lanes: core.Lanes(), Version: core.Version}, nil
}

// newModel replaces the model by an untrained one.
func (e *engine) newModel(q NewModelRequest) (ModelAnswer, error) {
	if e.run != nil {
		return ModelAnswer{}, errTraining
	}
	m, err := initial(q.Config, q.Seed)
	if err != nil {
		return ModelAnswer{}, err
	}
	e.hold(m, "initial", "untrained", nil)
	return ModelAnswer{e.about}, nil
}

// loadWeights replaces the model by a .safetensors file; the old one stays
// where the file is broken.
func (e *engine) loadWeights(q LoadWeightsRequest) (ModelAnswer, error) {
	if e.run != nil {
		return ModelAnswer{}, errTraining
	}
	switch q.Source {
	case "pretrained", "file", "trained", "initial":
	default:
		return ModelAnswer{}, inputError(`the source of weights is "` + q.Source + `", want pretrained, file, trained or initial`)
	}
	b, err := bytesIn("bytes", q.Bytes)
	if err != nil {
		return ModelAnswer{}, err
	}
	m, metadata, err := core.LoadModel(b)
	if err != nil {
		return ModelAnswer{}, inputError(q.Name + ": " + err.Error())
	}
	e.hold(m, q.Source, q.Name, metadata)
	return ModelAnswer{e.about}, nil
}

// saveWeights returns the model as it is now, also between the steps of a run.
func (e *engine) saveWeights(Empty) (SaveWeightsAnswer, error) {
	if e.model == nil {
		return SaveWeightsAnswer{}, errNoModel
	}
	b, err := core.SaveModel(e.model, e.about.Metadata)
	if err != nil {
		return SaveWeightsAnswer{}, badInput(err)
	}
	return SaveWeightsAnswer{Bytes: bytesOut(b), Name: e.fileName()}, nil
}

// sample decodes z = temperature · N(0, I). Picture i of a seed is the same
// whichever pictures are asked for with it.
func (e *engine) sample(q SampleRequest) (SampleAnswer, error) {
	if e.model == nil {
		return SampleAnswer{}, errNoModel
	}
	start, err := whole("start", q.Start, 0, 1<<30)
	if err != nil {
		return SampleAnswer{}, err
	}
	n, err := whole("the number of samples", q.Count, 1, maxImages)
	if err != nil {
		return SampleAnswer{}, err
	}
	seed, err := whole("the seed", q.Seed, 0, maxSeed)
	if err != nil {
		return SampleAnswer{}, err
	}
	if !(q.Temperature >= 0 && q.Temperature <= 100) {
		return SampleAnswer{}, inputError("the temperature is " + strconv.FormatFloat(q.Temperature, 'g', -1, 64) + ", want 0 to 100")
	}
	latent := e.model.Config().Latent
	z := make([]float32, n*latent)
	prior := noise.New(uint64(seed), noise.SampleZ, 0)
	for i := range n {
		prior.Normal(z[i*latent:(i+1)*latent], uint64(start+i))
	}
	for i := range z {
		z[i] *= float32(q.Temperature)
	}
	pixels := make([]float32, n*data.Pixels)
	e.model.Decode(pixels, z)
	return SampleAnswer{Pixels: bytesOut(grey(pixels)), Z: floatsOut(z)}, nil
}

func (e *engine) decode(q DecodeRequest) (DecodeAnswer, error) {
	if e.model == nil {
		return DecodeAnswer{}, errNoModel
	}
	z, err := floatsIn("z", q.Z)
	if err != nil {
		return DecodeAnswer{}, err
	}
	latent := e.model.Config().Latent
	n := len(z) / latent
	if n < 1 || n > maxImages || n*latent != len(z) {
		return DecodeAnswer{}, inputError("z has " + strconv.Itoa(len(z)) + " values, want " + strconv.Itoa(latent) +
			" for each of 1 to " + strconv.Itoa(maxImages) + " images")
	}
	pixels := make([]float32, n*data.Pixels)
	e.model.Decode(pixels, z)
	return DecodeAnswer{Pixels: bytesOut(grey(pixels))}, nil
}

func (e *engine) encode(q EncodeRequest) (Posterior, error) {
	pixels, err := bytesIn("pixels", q.Pixels)
	if err != nil {
		return Posterior{}, err
	}
	n := len(pixels) / data.Pixels
	if n < 1 || n > maxImages || n*data.Pixels != len(pixels) {
		return Posterior{}, inputError("pixels has " + strconv.Itoa(len(pixels)) + " bytes, want 784 for each of 1 to " +
			strconv.Itoa(maxImages) + " images")
	}
	return e.posterior(pixels)
}

// posterior encodes n×784 pixels.
func (e *engine) posterior(pixels []byte) (Posterior, error) {
	if e.model == nil {
		return Posterior{}, errNoModel
	}
	x := make([]float32, len(pixels))
	data.Scale(x, pixels)
	n := len(pixels) / data.Pixels * e.model.Config().Latent
	mean, logVar := make([]float32, n), make([]float32, n)
	e.model.Encode(mean, logVar, x)
	return Posterior{Mean: floatsOut(mean), LogVar: floatsOut(logVar)}, nil
}

var (
	errNoModel  = stateError("there is no model yet: open the engine or load weights first")
	errTraining = stateError("a run is training the model: stop it first")
)

// modelConfig checks that sizes are whole numbers; core checks their ranges.
func modelConfig(c ModelConfig) (core.Config, error) {
	var sizes [7]int
	for i, f := range []float64{c.Latent, c.Hidden, c.Encoder[0], c.Encoder[1], c.Encoder[2], c.Encoder[3], c.Decoder} {
		n, err := whole("a size in the model's config", f, 0, math.MaxInt32)
		if err != nil {
			return core.Config{}, err
		}
		sizes[i] = n
	}
	return core.Config{Latent: sizes[0], Hidden: sizes[1], Encoder: [4]int(sizes[2:6]), Decoder: sizes[6]}, nil
}

// initial makes an untrained model.
func initial(c ModelConfig, seed float64) (*core.Model, error) {
	cfg, err := modelConfig(c)
	if err != nil {
		return nil, err
	}
	s, err := whole("the seed", seed, 0, maxSeed)
	if err != nil {
		return nil, err
	}
	m, err := core.NewModel(cfg, uint64(s))
	if err != nil {
		return nil, badInput(err)
	}
	return m, nil
}

// hold makes m the engine's model.
func (e *engine) hold(m *core.Model, source, name string, metadata map[string]string) {
	if metadata == nil {
		metadata = map[string]string{}
	}
	cfg := m.Config()
	config := ModelConfig{Latent: float64(cfg.Latent), Hidden: float64(cfg.Hidden), Decoder: float64(cfg.Decoder)}
	for i, channels := range cfg.Encoder {
		config.Encoder[i] = float64(channels)
	}
	e.model = m
	e.about = ModelInfo{Source: source, Name: name, Config: config, Parameters: m.Parameters(), Metadata: metadata}
}

// fileName proposes a name for the model's file, of letters that every file
// system takes.
func (e *engine) fileName() string {
	if e.about.Source == "pretrained" || e.about.Source == "file" {
		name := e.about.Name[strings.LastIndexAny(e.about.Name, `/\`)+1:]
		if strings.HasSuffix(name, ".safetensors") {
			return name
		}
	}
	name := "vae-" + strconv.Itoa(e.model.Config().Latent) + "d"
	if objective := e.about.Metadata[metaObjective]; objective != "" {
		name += "-" + objective
	}
	if epochs := e.about.Metadata[metaEpochs]; epochs != "" {
		name += "-epoch" + epochs
	}
	return name + ".safetensors"
}
