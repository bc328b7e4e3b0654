package core

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vaelab/core/data"
	"vaelab/core/nn"
	"vaelab/core/weights"
)

// Version is written into every file.
const Version = "0.1.0"

// The metadata keys of a model file; a checkpoint adds those below.
const (
	keyFormat  = "vaelab.format" // "model" or "checkpoint"
	keyVersion = "vaelab.version"
	keyLatent  = "model.latent"
	keyHidden  = "model.hidden"
	keyEncoder = "model.encoder" // "32,64,64,64"
	keyDecoder = "model.decoder"
)

// SaveModel returns m as a safetensors file. The keys under "model." and "vaelab."
// of meta are set by it, the others are kept.
func SaveModel(m *Model, meta map[string]string) ([]byte, error) {
	return weights.Encode(&weights.File{Tensors: modelTensors(m), Metadata: modelMeta(m, "model", meta)})
}

func modelTensors(m *Model) []weights.Tensor {
	var ts []weights.Tensor
	for _, t := range m.Tensors() {
		ts = append(ts, weights.Tensor{Name: t.Name, Shape: t.Shape, Data: t.Data})
	}
	return ts
}

func modelMeta(m *Model, format string, meta map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, meta)
	c := m.config
	var encoder []string
	for _, e := range c.Encoder {
		encoder = append(encoder, strconv.Itoa(e))
	}
	out[keyFormat] = format
	out[keyVersion] = Version
	out[keyLatent] = strconv.Itoa(c.Latent)
	out[keyHidden] = strconv.Itoa(c.Hidden)
	out[keyEncoder] = strings.Join(encoder, ",")
	out[keyDecoder] = strconv.Itoa(c.Decoder)
	return out
}

// LoadModel reads a model from the bytes of a safetensors file, a checkpoint's
// included, with its metadata. The caller puts the file's name before an error.
func LoadModel(b []byte) (*Model, map[string]string, error) {
	const name = "weights"
	f, err := weights.Decode(b, name)
	if err != nil {
		return nil, nil, err
	}
	m, err := modelFrom(f, name)
	if err != nil {
		return nil, nil, err
	}
	return m, f.Metadata, nil
}

func modelFrom(f *weights.File, name string) (*Model, error) {
	cfg, err := configFrom(f, name)
	if err != nil {
		return nil, err
	}
	// Shapes first: a small file must not make us allocate a large model.
	known := map[string]bool{}
	for _, t := range nn.Layout(nn.Dims(cfg)) {
		known[t.Name] = true
		got, ok := f.Tensor(t.Name)
		if !ok {
			return nil, errors.New(name + `: tensor "` + t.Name + `" is missing: is this the file of another program? "tools import" reads those`)
		}
		if !slices.Equal(got.Shape, t.Shape) {
			return nil, errors.New(name + `: tensor "` + t.Name + `" has shape ` + shape(got.Shape) + ", want " + shape(t.Shape) + ": was this model made with another config?")
		}
	}
	for _, t := range f.Tensors {
		if !known[t.Name] && !strings.HasPrefix(t.Name, optimizerPrefix) {
			return nil, errors.New(name + `: tensor "` + t.Name + `" does not belong to this model`)
		}
	}
	m, err := newModel(cfg)
	if err != nil {
		return nil, errors.New(name + ": " + err.Error())
	}
	for _, t := range m.Tensors() {
		got, _ := f.Tensor(t.Name)
		copy(t.Data, got.Data)
	}
	return m, nil
}

// configFrom takes the architecture from the metadata, or where there is none
// from the shapes of the tensors.
func configFrom(f *weights.File, name string) (Config, error) {
	if _, ok := f.Metadata[keyLatent]; ok {
		r := reader{meta: f.Metadata, name: name}
		c := Config{Latent: r.int(keyLatent), Hidden: r.int(keyHidden), Decoder: r.int(keyDecoder)}
		parts := strings.Split(r.string(keyEncoder), ",")
		if len(parts) != len(c.Encoder) {
			r.fail(keyEncoder, "want four numbers with commas between them")
			return c, r.err
		}
		for i, p := range parts {
			n, err := strconv.Atoi(p)
			if err != nil {
				r.fail(keyEncoder, "want four numbers with commas between them")
			}
			c.Encoder[i] = n
		}
		if r.err == nil {
			if err := c.Validate(); err != nil {
				r.err = errors.New(name + ": " + err.Error())
			}
		}
		return c, r.err
	}
	var c Config
	last := func(tensor string, rank int) int {
		t, ok := f.Tensor(tensor)
		if !ok || len(t.Shape) != rank {
			return 0
		}
		return t.Shape[rank-1]
	}
	for i := range c.Encoder {
		c.Encoder[i] = last("enc/conv"+strconv.Itoa(i+1)+"/kernel", 4)
	}
	c.Hidden, c.Latent, c.Decoder = last("enc/dense/kernel", 2), last("enc/z_mean/kernel", 2), last("dec/deconv/bias", 1)
	if c.Validate() != nil {
		return c, errors.New(name + `: this is not a VAE Lab model: it has neither "model.latent" in its metadata nor the tensors "enc/conv1/kernel" … "dec/conv/bias"`)
	}
	return c, nil
}

func shape(s []int) string {
	parts := make([]string, len(s))
	for i, n := range s {
		parts[i] = strconv.Itoa(n)
	}
	return "[" + strings.Join(parts, " ") + "]"
}

// The further keys of a checkpoint.
const (
	optimizerPrefix = "optimizer/"
	keyObjective    = "train.objective"
	keyBeta         = "train.beta"
	keyOptimizer    = "train.optimizer"
	keyLR           = "train.lr"
	keyRho          = "train.rho"
	keyBeta1        = "train.beta1"
	keyBeta2        = "train.beta2"
	keyEpsilon      = "train.epsilon"
	keyBatch        = "train.batch"
	keyEpochs       = "train.epochs"
	keySeed         = "train.seed"
	keyShards       = "train.shards"
	keyEpoch        = "position.epoch"
	keyStep         = "position.step"
	keySteps        = "position.updates"
	keyRunRec       = "position.reconstruction"
	keyRunKL        = "position.kl"
	keyDataCount    = "data.count"
	keyDataSum      = "data.checksum"
)

// Checkpoint returns the model, the optimiser's state and the position as a
// safetensors file, from which [Resume] goes on to the same bits. It is taken
// between steps: a step that is half done is done again.
func (t *Trainer) Checkpoint(meta map[string]string) ([]byte, error) {
	out := modelMeta(t.model, "checkpoint", meta)
	c := t.config
	out[keyObjective], out[keyBeta] = c.Objective.Name, number(c.Objective.Beta)
	o := c.Optimizer
	out[keyOptimizer], out[keyLR], out[keyRho] = o.Name, number(o.LR), number(o.Rho)
	out[keyBeta1], out[keyBeta2], out[keyEpsilon] = number(o.Beta1), number(o.Beta2), number(o.Epsilon)
	out[keyBatch], out[keyEpochs], out[keyShards] = strconv.Itoa(c.Batch), strconv.Itoa(c.Epochs), strconv.Itoa(c.Shards)
	out[keySeed] = strconv.FormatUint(c.Seed, 10)
	out[keyEpoch], out[keyStep], out[keySteps] = strconv.Itoa(t.epoch), strconv.Itoa(t.step), strconv.Itoa(t.opt.Steps)
	out[keyRunRec], out[keyRunKL] = number(t.running.Reconstruction), number(t.running.KL)
	out[keyDataCount] = strconv.Itoa(t.set.Len())
	out[keyDataSum] = strconv.FormatUint(t.checksum(), 16)
	ts := modelTensors(t.model)
	for i, m := range t.opt.Moments {
		ts = append(ts, weights.Tensor{Name: optimizerPrefix + strconv.Itoa(i), Shape: []int{len(m)}, Data: m})
	}
	return weights.Encode(&weights.File{Tensors: ts, Metadata: out})
}

// checksum is computed once: the set does not change during a run.
func (t *Trainer) checksum() uint64 {
	if !t.summed {
		t.sum, t.summed = data.Checksum(t.set), true
	}
	return t.sum
}

// Resume reads a checkpoint and goes on with the same bits as if the run had never
// stopped. set must be the one it was started on. The caller puts the file's name before an error.
func Resume(b []byte, set *data.Set) (*Trainer, map[string]string, error) {
	const name = "checkpoint"
	f, err := weights.Decode(b, name)
	if err != nil {
		return nil, nil, err
	}
	r := reader{meta: f.Metadata, name: name}
	if f.Metadata[keyFormat] != "checkpoint" {
		return nil, nil, errors.New(name + ": this is a model without a training state; start a new run from it instead of resuming")
	}
	c := TrainConfig{
		Objective: Objective{Name: r.string(keyObjective), Beta: r.float(keyBeta)},
		Optimizer: Optimizer{Name: r.string(keyOptimizer), LR: r.float(keyLR), Rho: r.float(keyRho), Beta1: r.float(keyBeta1), Beta2: r.float(keyBeta2), Epsilon: r.float(keyEpsilon)},
		Batch:     r.int(keyBatch), Epochs: r.int(keyEpochs), Shards: r.int(keyShards), Seed: r.uint(keySeed, 10),
	}
	epoch, step, updates := r.int(keyEpoch), r.int(keyStep), r.int(keySteps)
	running := Losses{Reconstruction: r.float(keyRunRec), KL: r.float(keyRunKL)}
	count, sum := r.int(keyDataCount), r.uint(keyDataSum, 16)
	if r.err != nil {
		return nil, nil, r.err
	}
	if count != set.Len() {
		return nil, nil, errors.New(name + ": the run was on " + strconv.Itoa(count) + " images, this set has " + strconv.Itoa(set.Len()) + ": resume with the same data and subset")
	}
	m, err := modelFrom(f, name)
	if err != nil {
		return nil, nil, err
	}
	t, err := NewTrainer(m, set, c)
	if err != nil {
		return nil, nil, errors.New(name + ": " + err.Error())
	}
	if t.checksum() != sum {
		return nil, nil, errors.New(name + ": the run was on other images than these: resume with the same data")
	}
	if epoch < 0 || step < 0 || step >= t.steps() || updates != epoch*t.steps()+step {
		return nil, nil, errors.New(name + ": the position (epoch " + strconv.Itoa(epoch) + ", step " + strconv.Itoa(step) + ") does not fit the run: the file is damaged")
	}
	for i, moments := range t.opt.Moments {
		tensor, ok := f.Tensor(optimizerPrefix + strconv.Itoa(i))
		if !ok || len(tensor.Data) != len(moments) {
			return nil, nil, errors.New(name + ": the optimiser's state is missing or of another size: the file is damaged")
		}
		copy(moments, tensor.Data)
	}
	t.epoch, t.step, t.opt.Steps, t.running = epoch, step, updates, running
	return t, f.Metadata, nil
}

// reader reads typed values from metadata and keeps the first error.
type reader struct {
	meta map[string]string
	name string
	err  error
}

func (r *reader) fail(key, want string) {
	if r.err == nil {
		r.err = errors.New(r.name + `: metadata "` + key + `" is "` + r.meta[key] + `", ` + want)
	}
}

func (r *reader) string(key string) string {
	v, ok := r.meta[key]
	if !ok {
		r.fail(key, "want a value: the file is damaged or made by another program")
	}
	return v
}

func (r *reader) int(key string) int {
	n, err := strconv.Atoi(r.string(key))
	if err != nil {
		r.fail(key, "want a whole number")
	}
	return n
}

func (r *reader) uint(key string, base int) uint64 {
	n, err := strconv.ParseUint(r.string(key), base, 64)
	if err != nil {
		r.fail(key, "want a whole number")
	}
	return n
}

func (r *reader) float(key string) float64 {
	v, err := strconv.ParseFloat(r.string(key), 64)
	if err != nil {
		r.fail(key, "want a number")
	}
	return v
}
