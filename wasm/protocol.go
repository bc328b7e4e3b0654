//go:build js && wasm

package main

import "syscall/js"

// The words that the Go engine, the workers and the page share.
// site/src/engine/protocol.ts holds the same names in the same order (those that
// cross into Go); change both together. Numbers that must be whole are float64
// here, so that whole can refuse 16.5 instead of truncating it. A js.Value is a
// typed array.

// ModelConfig is the architecture of a model.
type ModelConfig struct {
	Latent  float64    `wasm:"latent"`
	Hidden  float64    `wasm:"hidden"`
	Encoder [4]float64 `wasm:"encoder"`
	Decoder float64    `wasm:"decoder"`
}

// TrainSettings is everything that decides the bits of a run, besides the data.
type TrainSettings struct {
	From         string      `wasm:"from"` // "scratch" or "loaded"
	Model        ModelConfig `wasm:"model"`
	Objective    string      `wasm:"objective"`
	Beta         float64     `wasm:"beta"`
	Optimizer    string      `wasm:"optimizer"`
	LearningRate float64     `wasm:"learningRate"`
	Batch        float64     `wasm:"batch"`
	Epochs       float64     `wasm:"epochs"`
	Images       float64     `wasm:"images"`
	Seed         float64     `wasm:"seed"`
}

// ModelInfo describes the model that the engine holds.
type ModelInfo struct {
	Source     string            `wasm:"source"` // "pretrained", "file", "trained", "initial"
	Name       string            `wasm:"name"`
	Config     ModelConfig       `wasm:"config"`
	Parameters int               `wasm:"parameters"`
	Metadata   map[string]string `wasm:"metadata"`
}

// Losses are means per image, in nats; Loss is in the objective's own units.
type Losses struct {
	Loss           float64 `wasm:"loss"`
	Reconstruction float64 `wasm:"reconstruction"`
	KL             float64 `wasm:"kl"`
}

// Posterior is q(z|x) of n images: n × latent each, as Float32Arrays.
type Posterior struct {
	Mean   js.Value `wasm:"mean"`
	LogVar js.Value `wasm:"logVar"`
}

// DecodeRequest asks for the pictures of latent points z (Float32Array, n × latent).
type DecodeRequest struct {
	Z js.Value `wasm:"z"`
}

// EncodeRequest asks for the posteriors of pixels (Uint8Array, n × 784).
type EncodeRequest struct {
	Pixels js.Value `wasm:"pixels"`
}

// EncodeSetRequest asks for the posteriors of images [Start, Start+Count) of a set.
type EncodeSetRequest struct {
	Set   string  `wasm:"set"` // "train" or "test"
	Start float64 `wasm:"start"`
	Count float64 `wasm:"count"`
}

// ImagesRequest asks for images of a set.
type ImagesRequest struct {
	Set     string    `wasm:"set"`
	Indices []float64 `wasm:"indices"`
}

// TrainRequest begins a run.
type TrainRequest struct {
	Settings TrainSettings `wasm:"settings"`
}

// SampleAnswer holds pixels (n × 784 bytes) and the z (n × latent) they were decoded from.
type SampleAnswer struct {
	Pixels js.Value `wasm:"pixels"`
	Z      js.Value `wasm:"z"`
}

// DecodeAnswer holds n × 784 bytes.
type DecodeAnswer struct {
	Pixels js.Value `wasm:"pixels"`
}

// EncodeSetAnswer is a Posterior with the images' labels (Uint8Array).
type EncodeSetAnswer struct {
	Mean   js.Value `wasm:"mean"`
	LogVar js.Value `wasm:"logVar"`
	Labels js.Value `wasm:"labels"`
}

// ImagesAnswer holds pixels (n × 784 bytes) and labels (n bytes).
type ImagesAnswer struct {
	Pixels js.Value `wasm:"pixels"`
	Labels js.Value `wasm:"labels"`
}

// ActivationsRequest asks what the layers make of one image (Uint8Array, 784).
type ActivationsRequest struct {
	Pixels    js.Value `wasm:"pixels"`
	Eps       js.Value `wasm:"eps"`       // Float32Array, latent
	Objective string   `wasm:"objective"` // whose rule of sampling
}

// FeatureMaps is a layer of ReLUs on an image: Values is NHWC (Uint8Array), 255 stands for Peak and 0 for 0.
type FeatureMaps struct {
	Values   js.Value `wasm:"values"`
	Side     int      `wasm:"side"`
	Channels int      `wasm:"channels"`
	Peak     float64  `wasm:"peak"`
}

// ActivationsAnswer is every layer's output (Float32Arrays but for the maps), and the image's losses in nats.
type ActivationsAnswer struct {
	Conv           [4]FeatureMaps `wasm:"conv"`
	Hidden         js.Value       `wasm:"hidden"`
	Mean           js.Value       `wasm:"mean"`
	LogVar         js.Value       `wasm:"logVar"`
	Z              js.Value       `wasm:"z"`
	DecoderIn      FeatureMaps    `wasm:"decoderIn"`
	Deconv         FeatureMaps    `wasm:"deconv"`
	Probability    js.Value       `wasm:"probability"` // 784
	Reconstruction float64        `wasm:"reconstruction"`
	KL             float64        `wasm:"kl"`
}

// Empty is a request or an answer without content.
type Empty struct{}

// InfoAnswer says what the engine is.
type InfoAnswer struct {
	Kernel  string `wasm:"kernel"`
	Lanes   int    `wasm:"lanes"`
	Version string `wasm:"version"`
}

// MemoryAnswer is the state of the heap.
type MemoryAnswer struct {
	Heap        float64 `wasm:"heap"`        // bytes in use
	Allocations float64 `wasm:"allocations"` // since the start
}

// NewModelRequest asks for an untrained model.
type NewModelRequest struct {
	Config ModelConfig `wasm:"config"`
	Seed   float64     `wasm:"seed"`
}

// ModelAnswer tells which model the engine holds now.
type ModelAnswer struct {
	Model ModelInfo `wasm:"model"`
}

// LoadWeightsRequest brings a .safetensors file (Uint8Array).
type LoadWeightsRequest struct {
	Bytes  js.Value `wasm:"bytes"`
	Name   string   `wasm:"name"`
	Source string   `wasm:"source"`
}

// SaveWeightsAnswer is the model as a .safetensors file (Uint8Array).
type SaveWeightsAnswer struct {
	Bytes js.Value `wasm:"bytes"`
	Name  string   `wasm:"name"`
}

// SampleRequest asks for images [Start, Start+Count) of the sequence of samples that Seed names.
type SampleRequest struct {
	Start       float64 `wasm:"start"`
	Count       float64 `wasm:"count"`
	Seed        float64 `wasm:"seed"`
	Temperature float64 `wasm:"temperature"`
}

// SetDataRequest brings one decompressed pair of IDX files (Uint8Arrays).
type SetDataRequest struct {
	Set    string   `wasm:"set"`
	Images js.Value `wasm:"images"`
	Labels js.Value `wasm:"labels"`
}

// SetDataAnswer tells how many images the set has.
type SetDataAnswer struct {
	Count int `wasm:"count"`
}

// PixelsRequest asks for images [Start, Start+Count) of a set.
type PixelsRequest struct {
	Set   string  `wasm:"set"`
	Start float64 `wasm:"start"`
	Count float64 `wasm:"count"`
}

// RunInfo describes a run that is about to begin.
type RunInfo struct {
	Steps      int       `wasm:"steps"` // in an epoch
	Epochs     int       `wasm:"epochs"`
	Images     int       `wasm:"images"`     // of the training set that are used
	Validation int       `wasm:"validation"` // images that each epoch's validation reads
	Shards     int       `wasm:"shards"`     // parts that a batch is cut into
	Model      ModelInfo `wasm:"model"`
}

// CheckpointAnswer is the run as it was after its last step (Uint8Array).
type CheckpointAnswer struct {
	Bytes js.Value `wasm:"bytes"`
	Epoch int      `wasm:"epoch"` // completed
	Step  int      `wasm:"step"`  // done in the one after them
}

// RecoverRequest brings a checkpoint (Uint8Array) of a run on the first images of the training set.
type RecoverRequest struct {
	Bytes  js.Value `wasm:"bytes"`
	Images float64  `wasm:"images"`
}

// RecoverAnswer describes a run that goes on, and where.
type RecoverAnswer struct {
	Run   RunInfo `wasm:"run"`
	Epoch int     `wasm:"epoch"` // completed
	Step  int     `wasm:"step"`  // done in the one after them
}

// Advance is what one slice of a run brought.
type Advance struct {
	Phase  string       `wasm:"phase"`  // "train", "validate"; "finished" and "diverged" end the run
	Images int          `wasm:"images"` // whose training (at a step's last slice) or validation is now done
	Step   *StepReport  `wasm:"step"`   // a step's last slice; otherwise undefined
	Epoch  *EpochReport `wasm:"epoch"`  // an epoch's last slice; otherwise undefined
	Model  *ModelInfo   `wasm:"model"`  // as the run left it, at its end; otherwise undefined
}

// StepReport is the state after a step.
type StepReport struct {
	Epoch     int    `wasm:"epoch"` // 0-based
	Step      int    `wasm:"step"`  // 1-based within the epoch
	EpochDone bool   `wasm:"epochDone"`
	Running   Losses `wasm:"running"` // mean over this epoch's samples so far
	Batch     Losses `wasm:"batch"`
}

// EpochReport is the state after an epoch and its validation.
type EpochReport struct {
	Epoch      int    `wasm:"epoch"`
	Train      Losses `wasm:"train"`
	Validation Losses `wasm:"validation"`
}

// ReplicaRequest is what a replica needs to know of a run; without an objective it
// only decodes and encodes.
type ReplicaRequest struct {
	Config    ModelConfig `wasm:"config"`
	Group     float64     `wasm:"group"` // the most shards at a time
	Seed      float64     `wasm:"seed"`
	Objective string      `wasm:"objective"`
	Beta      float64     `wasm:"beta"`
}
