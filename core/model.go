package core

import (
	"errors"
	"math"
	"strconv"

	"vaelab/core/data"
	"vaelab/core/kernel"
	"vaelab/core/nn"
	"vaelab/core/noise"
)

// Objective, Losses and Tensor are package nn's: see there for their formulas.
type (
	Objective = nn.Objective
	Losses    = nn.Losses
	Tensor    = nn.Tensor
)

// sliceImages is how many images go through the model together: enough that the
// large dense kernel is read once for several of them, few enough that their
// activations stay in the second-level cache and a request need not wait long.
const sliceImages = 4

// Model is a VAE's parameters and what is needed to run them. It is not safe for
// concurrent use; [Model.Clone] gives another goroutine one of its own.
type Model struct {
	config Config
	params *nn.Params
	packed *nn.Packed
	stale  int // how much of packed is behind params: 0 nothing, 1 what training needs, 2 all

	pool   *pool
	spaces []*nn.Workspace // one per worker, made when first needed

	packJob func(worker, job int)
}

const (
	packedAll       = 0
	packedInference = 1
	packedNothing   = 2
)

// NewModel returns a model with Glorot-uniform kernels drawn from seed,
// U(−√(6/(fan_in+fan_out)), +…) where a fan is channels × 9 for a convolution and the
// shape's ends for a dense layer, and zero biases (Glorot & Bengio 2010, eq. 16).
func NewModel(cfg Config, seed uint64) (*Model, error) {
	m, err := newModel(cfg)
	if err != nil {
		return nil, err
	}
	stream := noise.New(seed, noise.Init, 0)
	at := uint64(0)
	for _, t := range m.params.Tensors() {
		if len(t.Shape) > 1 {
			n := len(t.Shape)
			fan := float64(t.Shape[n-2] + t.Shape[n-1])
			if n == 4 {
				fan *= 9
			}
			limit := math.Sqrt(6 / fan)
			stream.Uniform(t.Data, at, -limit, limit)
		}
		at++
	}
	return m, nil
}

func newModel(cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &Model{config: cfg, params: nn.NewParams(nn.Dims(cfg)), packed: nn.NewPacked(nn.Dims(cfg)), stale: packedNothing}
	m.packJob = func(_, job int) { m.packed.Pack(m.params, job) }
	m.SetThreads(1)
	return m, nil
}

// Config returns the architecture.
func (m *Model) Config() Config { return m.config }

// Tensors returns named views of the parameters, in Keras' layouts and in a fixed order:
//
//	enc/conv1/kernel [3 3 1 32]   enc/conv1/bias [32]   … enc/conv4
//	enc/dense/kernel [12544 32]   enc/dense/bias [32]
//	enc/z_mean/kernel [32 2]      enc/z_mean/bias [2]
//	enc/z_log_var/kernel [32 2]   enc/z_log_var/bias [2]
//	dec/dense/kernel [2 12544]    dec/dense/bias [12544]
//	dec/deconv/kernel [3 3 32 64] dec/deconv/bias [32]
//	dec/conv/kernel [3 3 32 1]    dec/conv/bias [1]
//
// Who writes to their Data calls [Model.Changed] afterwards.
func (m *Model) Tensors() []Tensor { return m.params.Tensors() }

// Parameters returns the number of parameters.
func (m *Model) Parameters() int { return len(m.params.Flat) }

// Changed says that the parameters were written to.
func (m *Model) Changed() { m.stale = packedNothing }

// Threads returns how many goroutines share the work.
func (m *Model) Threads() int { return m.pool.threads() }

// SetThreads sets how many goroutines share the work: at least 1. No bit of any result depends on it.
func (m *Model) SetThreads(n int) { m.pool = newPool(max(1, n)) }

// Clone returns an independent copy.
func (m *Model) Clone() *Model {
	c, err := newModel(m.config)
	if err != nil {
		panic("core: a valid model's config is invalid")
	}
	copy(c.params.Flat, m.params.Flat)
	c.SetThreads(m.Threads())
	return c
}

// Kernel says which loops run, as in "AVX-512 (16 lanes)".
func Kernel() string { return kernel.Name() }

// Lanes is the number of float32 values in a vector of those loops.
func Lanes() int { return kernel.Lanes() }

// prepare brings the packed weights up to date and returns a worker's workspace factory.
func (m *Model) prepare(training bool) {
	inference, all := m.packed.Jobs()
	switch {
	case training && m.stale != packedAll:
		m.pool.run(all, m.packJob)
		m.stale = packedAll
	case !training && m.stale == packedNothing:
		m.pool.run(inference, m.packJob)
		m.stale = packedInference
	}
	for len(m.spaces) < m.pool.threads() {
		m.spaces = append(m.spaces, nn.NewWorkspace(nn.Dims(m.config), sliceImages))
	}
}

// slices runs do for every slice of at most sliceImages of n images.
func (m *Model) slices(n int, do func(w *nn.Workspace, first, count int)) {
	m.prepare(false)
	m.pool.run((n+sliceImages-1)/sliceImages, func(worker, job int) {
		first := job * sliceImages
		do(m.spaces[worker], first, min(sliceImages, n-first))
	})
}

func (m *Model) checkLen(what string, have, per, n int) {
	if have != per*n {
		panic("core: " + what + " has " + strconv.Itoa(have) + " values, want " + strconv.Itoa(per*n))
	}
}

// Encode writes the posterior's means and log-variances (n×Latent each) of n
// images x (n×784, in [0,1]).
func (m *Model) Encode(mean, logVar, x []float32) {
	n, l := len(x)/ImagePixels, m.config.Latent
	m.checkLen("x", len(x), ImagePixels, n)
	m.checkLen("mean", len(mean), l, n)
	m.checkLen("logVar", len(logVar), l, n)
	m.slices(n, func(w *nn.Workspace, first, count int) {
		for i := range count {
			w.SetPixels(i, x[(first+i)*ImagePixels:][:ImagePixels])
		}
		m.encodeSlice(w, mean, logVar, first, count)
	})
}

// EncodeSet is Encode for images [lo, hi) of a set.
func (m *Model) EncodeSet(mean, logVar []float32, set *data.Set, lo, hi int) {
	n, l := hi-lo, m.config.Latent
	m.checkLen("mean", len(mean), l, n)
	m.checkLen("logVar", len(logVar), l, n)
	m.slices(n, func(w *nn.Workspace, first, count int) {
		for i := range count {
			w.SetImage(i, set.Image(lo+first+i))
		}
		m.encodeSlice(w, mean, logVar, first, count)
	})
}

func (m *Model) encodeSlice(w *nn.Workspace, mean, logVar []float32, first, count int) {
	w.Encode(m.params, m.packed, count)
	l := m.config.Latent
	for i := range count {
		mu, lv := w.Posterior(i)
		copy(mean[(first+i)*l:], mu)
		copy(logVar[(first+i)*l:], lv)
	}
}

// Decode writes n images (n×784, probabilities in (0,1)) for n latent points z (n×Latent).
func (m *Model) Decode(dst, z []float32) { m.decode(dst, z, nn.Sigmoid) }

// DecodeLogits is Decode without the sigmoid.
func (m *Model) DecodeLogits(dst, z []float32) {
	m.decode(dst, z, func(dst, logits []float32) { copy(dst, logits) })
}

func (m *Model) decode(dst, z []float32, write func(dst, logits []float32)) {
	l := m.config.Latent
	n := len(z) / l
	m.checkLen("z", len(z), l, n)
	m.checkLen("dst", len(dst), ImagePixels, n)
	m.slices(n, func(w *nn.Workspace, first, count int) {
		for i := range count {
			copy(w.Z(i), z[(first+i)*l:])
		}
		w.DecodeHidden(m.params, count)
		for i := range count {
			write(dst[(first+i)*ImagePixels:][:ImagePixels], w.DecodeImage(m.params, m.packed, i))
		}
	})
}

// SamplePrior writes n = len(z)/Latent points drawn from temperature · N(0, I), keyed by seed.
func (m *Model) SamplePrior(z []float32, seed uint64, temperature float64) {
	l := m.config.Latent
	stream := noise.New(seed, noise.SampleZ, 0)
	for i := range len(z) / l {
		point := z[i*l : (i+1)*l]
		stream.Normal(point, uint64(i))
		for j := range point {
			point[j] *= float32(temperature)
		}
	}
}

// Evaluate encodes, samples with the objective's rule and decodes the whole set,
// in order, ε keyed by seed and the image's index, and returns mean losses per image.
func (m *Model) Evaluate(set *data.Set, o Objective, seed uint64) Losses {
	return m.EvaluateRange(set, 0, set.Len(), o, seed)
}

// EvaluateRange is Evaluate for images [lo, hi): the means of adjoining ranges,
// weighted by their lengths, are the mean of the whole.
func (m *Model) EvaluateRange(set *data.Set, lo, hi int, o Objective, seed uint64) Losses {
	return m.evaluate(set, lo, hi, o, noise.New(seed, noise.ValEps, 0))
}

func (m *Model) evaluate(set *data.Set, lo, hi int, o Objective, eps noise.Stream) Losses {
	n := hi - lo
	if n <= 0 {
		return Losses{}
	}
	// Partial sums by slice, added in order: the same for any number of threads.
	parts := make([]Losses, (n+sliceImages-1)/sliceImages)
	m.slices(n, func(w *nn.Workspace, first, count int) {
		for i := range count {
			w.SetImage(i, set.Image(lo+first+i))
			eps.Normal(w.Eps(i), uint64(lo+first+i))
		}
		w.Encode(m.params, m.packed, count)
		parts[first/sliceImages] = w.Score(m.params, m.packed, o, count)
	})
	var sum Losses
	for _, p := range parts {
		sum.Reconstruction += p.Reconstruction
		sum.KL += p.KL
	}
	return Losses{Reconstruction: sum.Reconstruction / float64(n), KL: sum.KL / float64(n)}
}

// Gradient returns the mean losses of n images x (n×784) under o with the given
// noise eps (n×Latent), and adds nothing: grad is overwritten with the gradient of
// the objective's loss, one value per parameter in the order of Tensors. It is for
// checks and experiments; a [Trainer] does this without copies.
func (m *Model) Gradient(grad, x, eps []float32, o Objective) (Losses, error) {
	n, l := len(x)/ImagePixels, m.config.Latent
	if len(x) != n*ImagePixels || n == 0 || len(eps) != n*l || len(grad) != m.Parameters() {
		return Losses{}, errors.New("core: Gradient: x must be n×784, eps n×latent and grad one value per parameter")
	}
	m.prepare(true)
	g := nn.NewParams(nn.Dims(m.config))
	w := m.spaces[0]
	var sum Losses
	for first := 0; first < n; first += sliceImages {
		count := min(sliceImages, n-first)
		for i := range count {
			w.SetPixels(i, x[(first+i)*ImagePixels:][:ImagePixels])
			copy(w.Eps(i), eps[(first+i)*l:])
		}
		part := w.Gradient(m.params, m.packed, g, o, count, n)
		sum.Reconstruction += part.Reconstruction
		sum.KL += part.KL
	}
	copy(grad, g.Flat)
	return Losses{Reconstruction: sum.Reconstruction / float64(n), KL: sum.KL / float64(n)}, nil
}
