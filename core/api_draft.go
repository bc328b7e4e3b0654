package core

// DRAFT of the public API, so that the packages around it can be written at the
// same time; each piece moves to its own file as it is implemented.

import (
	"vaelab/core/data"
)

type Model struct{}

// NewModel: Glorot-uniform kernels drawn from seed, zero biases.
func NewModel(cfg Config, seed uint64) (*Model, error) { panic("draft") }
func (m *Model) Config() Config                         { panic("draft") }

// Tensors returns named views of the parameters in a fixed order. Names, shapes (Keras layouts):
//
//	enc/conv1/kernel [3 3 1 32]   enc/conv1/bias [32]   … enc/conv4
//	enc/dense/kernel [12544 32]   enc/dense/bias [32]
//	enc/z_mean/kernel [32 2]      enc/z_mean/bias [2]
//	enc/z_log_var/kernel [32 2]   enc/z_log_var/bias [2]
//	dec/dense/kernel [2 12544]    dec/dense/bias [12544]
//	dec/deconv/kernel [3 3 32 64] dec/deconv/bias [32]
//	dec/conv/kernel [3 3 32 1]    dec/conv/bias [1]
func (m *Model) Tensors() []Tensor { panic("draft") }

// Tensor is a named view: Data aliases the model.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// SetThreads: how many goroutines share the work (no effect on any bit of a result). Default 1.
func (m *Model) SetThreads(n int) { panic("draft") }

// Encode writes mean and logVar (n×Latent) of n images x (n×784 in [0,1]).
func (m *Model) Encode(mean, logVar, x []float32) { panic("draft") }

// Decode writes n images (n×784, probabilities in (0,1)) for n latent points z (n×Latent).
func (m *Model) Decode(dst, z []float32) { panic("draft") }

// DecodeLogits is Decode without the sigmoid.
func (m *Model) DecodeLogits(dst, z []float32) { panic("draft") }

// Clone returns an independent copy (a Model is not safe for concurrent use).
func (m *Model) Clone() *Model { panic("draft") }

// Objective is what training minimises. Name "seed": the book's loss and its sampling z = μ + exp(lv)·ε.
// Name "elbo": z = μ + exp(lv/2)·ε, nats, KL weighted by Beta.
type Objective struct {
	Name string
	Beta float64 // elbo only; 1 by default
}

// Losses are means per image, in nats, whatever the objective.
type Losses struct {
	Reconstruction float64 // BCE summed over the 784 pixels
	KL             float64 // ½ Σ (exp(lv) + μ² − 1 − lv)
}

// Loss is the objective's own figure for l: what Keras prints (seed: per pixel; elbo: nats).
func (o Objective) Loss(l Losses, latent int) float64 { panic("draft") }

// Evaluate runs encode → sample → decode over the whole set in order, with the objective's sampling and ε
// drawn from (seed, sample index), and returns mean losses per image.
func (m *Model) Evaluate(set *data.Set, o Objective, seed uint64) Losses { panic("draft") }

// Optimizer: Name "rmsprop" (ε outside the root, Keras 2.2–2.10), "rmsprop-keras3" (ε inside), "adam".
// Zero fields take the defaults of model.md (lr 1e-3, rho .9, beta1 .9, beta2 .999, epsilon 1e-7).
type Optimizer struct {
	Name                       string
	LR                         float64
	Rho, Beta1, Beta2, Epsilon float64
}

// TrainConfig is everything that decides the bits of a run, besides the data and the model's config.
type TrainConfig struct {
	Objective Objective
	Optimizer Optimizer
	Batch     int    // 1 to 1024
	Epochs    int    // 1 to 100,000
	Seed      uint64 // shuffles and ε
	Shards    int    // 0: DefaultShards(Batch)
}

// SeedPreset is the book's listing; ELBOPreset is β = 1, Adam, batch 128.
func SeedPreset() TrainConfig { panic("draft") }
func ELBOPreset() TrainConfig { panic("draft") }

func (c TrainConfig) Validate() error { panic("draft") }

type Trainer struct{}

// NewTrainer trains m (in place) on set.
func NewTrainer(m *Model, set *data.Set, cfg TrainConfig) (*Trainer, error) { panic("draft") }

// Progress is the state after a step.
type Progress struct {
	Epoch     int    // 0-based epoch that this step belongs to
	Step      int    // 1-based within the epoch
	Steps     int    // steps in an epoch
	Images    int    // images of this batch
	Batch     Losses // of this batch
	Running   Losses // mean over the samples of this epoch so far: what Keras prints
	EpochDone bool   // this was the epoch's last step
}

// ErrDiverged: the loss or a gradient is not finite. The model still holds the last good parameters.
var ErrDiverged error

// Step does one optimiser step. Zero allocations.
func (t *Trainer) Step() (Progress, error) { panic("draft") }

// Advance does a slice of a step (at most 4 images of one shard) so that a single-threaded caller can
// answer others in between; done says that the step was completed, and only then p is set.
func (t *Trainer) Advance() (p Progress, done bool, err error) { panic("draft") }

// Done: all epochs are trained.
func (t *Trainer) Done() bool             { panic("draft") }
func (t *Trainer) Model() *Model          { panic("draft") }
func (t *Trainer) Config() TrainConfig    { panic("draft") }
func (t *Trainer) Progress() Progress     { panic("draft") }
func (t *Trainer) SetEpochs(n int) error  { panic("draft") } // extend or shorten the run

// Validate is Evaluate with this run's objective and the ε of the epoch just trained.
func (t *Trainer) Validate(set *data.Set) Losses { panic("draft") }

// SaveModel returns m as safetensors bytes; config is added to meta by it ("vaelab.config" etc.).
func SaveModel(m *Model, meta map[string]string) ([]byte, error) { panic("draft") }

// LoadModel reads what SaveModel wrote; errors name the tensor, its shape and the way out.
func LoadModel(b []byte) (*Model, map[string]string, error) { panic("draft") }

// Checkpoint returns model, optimiser state and position as safetensors bytes (also readable by LoadModel).
func (t *Trainer) Checkpoint(meta map[string]string) ([]byte, error) { panic("draft") }

// Resume continues a run bit-identically. It fails if set differs from the run's (count and checksum).
func Resume(b []byte, set *data.Set) (*Trainer, map[string]string, error) { panic("draft") }

// Kernel says which loops run: "AVX-512 (16 lanes)", "AVX2 (8 lanes)", "NEON (4 lanes)", "wasm simd128 (4 lanes)", "plain Go (scalar)".
func Kernel() string { panic("draft") }
