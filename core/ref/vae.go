package ref

import "math"

// VAE is the whole model, naively: four convolutions, a dense layer and two
// heads down to the posterior; a dense layer, a transposed convolution and a
// convolution back up to logits.
type VAE[T Float] struct {
	Side    int    // height and width of an image, even; 28 in the product
	Latent  int    // dimensions of z
	Hidden  int    // units of the encoder's dense layer
	Encoder [4]int // channels of the encoder's convolutions
	Decoder int    // channels of the decoder's transposed convolution

	// Params holds the weights by name, each with the shape that Tensors gives.
	Params map[string][]T
}

// TensorShape is a parameter's name and shape, in Keras' layout.
type TensorShape struct {
	Name  string
	Shape []int
}

// Len returns the number of elements.
func (t TensorShape) Len() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Tensors lists the parameters in the model's order.
func (m *VAE[T]) Tensors() []TensorShape {
	e, flat := m.Encoder, m.flat()
	return []TensorShape{
		{"enc/conv1/kernel", []int{3, 3, 1, e[0]}}, {"enc/conv1/bias", []int{e[0]}},
		{"enc/conv2/kernel", []int{3, 3, e[0], e[1]}}, {"enc/conv2/bias", []int{e[1]}},
		{"enc/conv3/kernel", []int{3, 3, e[1], e[2]}}, {"enc/conv3/bias", []int{e[2]}},
		{"enc/conv4/kernel", []int{3, 3, e[2], e[3]}}, {"enc/conv4/bias", []int{e[3]}},
		{"enc/dense/kernel", []int{flat, m.Hidden}}, {"enc/dense/bias", []int{m.Hidden}},
		{"enc/z_mean/kernel", []int{m.Hidden, m.Latent}}, {"enc/z_mean/bias", []int{m.Latent}},
		{"enc/z_log_var/kernel", []int{m.Hidden, m.Latent}}, {"enc/z_log_var/bias", []int{m.Latent}},
		{"dec/dense/kernel", []int{m.Latent, flat}}, {"dec/dense/bias", []int{flat}},
		{"dec/deconv/kernel", []int{3, 3, m.Decoder, e[3]}}, {"dec/deconv/bias", []int{m.Decoder}},
		{"dec/conv/kernel", []int{3, 3, m.Decoder, 1}}, {"dec/conv/bias", []int{1}},
	}
}

// half is the side after the strided convolution; flat the number of features
// there, which the encoder flattens and the decoder starts from.
func (m *VAE[T]) half() int { return m.Side / 2 }
func (m *VAE[T]) flat() int { return m.half() * m.half() * m.Encoder[3] }

func (m *VAE[T]) kernel(layer string) []T { return m.Params[layer+"/kernel"] }
func (m *VAE[T]) bias(layer string) []T   { return m.Params[layer+"/bias"] }

// Activations are the outputs of every layer, after its ReLU where it has one.
type Activations[T Float] struct {
	Conv        [4][]T // n×side×side×e0, n×half×half×e1, e2, e3
	Hidden      []T    // n×hidden
	Mean        []T    // n×latent
	LogVar      []T    // n×latent
	Z           []T    // n×latent
	DecoderIn   []T    // n×half×half×e3
	Deconv      []T    // n×side×side×decoder
	Logits      []T    // n×side×side
	Probability []T    // n×side×side: the sigmoid of the logits
}

// Encode runs the encoder over n images x (n×side×side, in [0,1]).
func (m *VAE[T]) Encode(x []T, n int) *Activations[T] {
	s, h, e := m.Side, m.half(), m.Encoder
	a := &Activations[T]{}
	conv := func(i int, x []T, side, cin, stride int) []T {
		layer := [4]string{"enc/conv1", "enc/conv2", "enc/conv3", "enc/conv4"}[i]
		out := side / stride
		y := make([]T, n*out*out*e[i])
		Conv(y, x, m.kernel(layer), m.bias(layer), n, side, side, cin, e[i], stride)
		ReLU(y, y)
		return y
	}
	a.Conv[0] = conv(0, x, s, 1, 1)
	a.Conv[1] = conv(1, a.Conv[0], s, e[0], 2)
	a.Conv[2] = conv(2, a.Conv[1], h, e[1], 1)
	a.Conv[3] = conv(3, a.Conv[2], h, e[2], 1)
	a.Hidden = m.dense("enc/dense", a.Conv[3], n, m.flat(), m.Hidden)
	ReLU(a.Hidden, a.Hidden)
	a.Mean = m.dense("enc/z_mean", a.Hidden, n, m.Hidden, m.Latent)
	a.LogVar = m.dense("enc/z_log_var", a.Hidden, n, m.Hidden, m.Latent)
	return a
}

// decode fills the decoder's part of a from a.Z.
func (m *VAE[T]) decode(a *Activations[T], n int) {
	s, h, d := m.Side, m.half(), m.Decoder
	a.DecoderIn = m.dense("dec/dense", a.Z, n, m.Latent, m.flat())
	ReLU(a.DecoderIn, a.DecoderIn)
	a.Deconv = make([]T, n*s*s*d)
	ConvTranspose(a.Deconv, a.DecoderIn, m.kernel("dec/deconv"), m.bias("dec/deconv"), n, h, h, m.Encoder[3], d)
	ReLU(a.Deconv, a.Deconv)
	a.Logits = make([]T, n*s*s)
	Conv(a.Logits, a.Deconv, m.kernel("dec/conv"), m.bias("dec/conv"), n, s, s, d, 1, 1)
	a.Probability = make([]T, n*s*s)
	Sigmoid(a.Probability, a.Logits)
}

// Decode runs the decoder over n latent points z (n×latent).
func (m *VAE[T]) Decode(z []T, n int) *Activations[T] {
	a := &Activations[T]{Z: z}
	m.decode(a, n)
	return a
}

// Forward encodes n images x, samples z with the noise eps (n×latent) as the
// objective does, and decodes it.
func (m *VAE[T]) Forward(x, eps []T, n int, o Objective) *Activations[T] {
	a := m.Encode(x, n)
	a.Z = make([]T, n*m.Latent)
	for i := range a.Z {
		std := math.Exp(o.noiseScale() * float64(a.LogVar[i]))
		a.Z[i] = T(float64(a.Mean[i]) + std*float64(eps[i]))
	}
	m.decode(a, n)
	return a
}

// Loss returns the mean losses of n images x under the objective, with the
// noise eps.
func (m *VAE[T]) Loss(x, eps []T, n int, o Objective) Losses {
	return m.losses(m.Forward(x, eps, n, o), x, n, o)
}

func (m *VAE[T]) losses(a *Activations[T], x []T, n int, o Objective) Losses {
	l := Losses{
		Reconstruction: BCE(nil, a.Logits, x) / float64(n),
		KL:             KL(a.Mean, a.LogVar) / float64(n),
	}
	wr, wk := o.weights(m.Side*m.Side, m.Latent)
	l.Loss = wr*l.Reconstruction + wk*l.KL
	return l
}

func (m *VAE[T]) dense(layer string, x []T, n, in, out int) []T {
	y := make([]T, n*out)
	Dense(y, x, m.kernel(layer), m.bias(layer), n, in, out)
	return y
}
