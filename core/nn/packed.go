package nn

import "vaelab/core/kernel"

// Packed is the parameters as the tiles want to read them: written anew after
// every update, shared by everyone who computes with them.
type Packed struct {
	conv1, conv2        []float32
	square              [2]squarePacked // conv3, conv4
	conv2Back           []float32       // with respect to its input: a transposed convolution
	denseBack           []float32
	deconv, deconvBack  []float32
	outBack             []float32
	denseParts          int
	denseStep, denseRow int // rows of the dense kernel per part, and in all
}

// denseJobs is into how many jobs the packing of the large dense kernel is cut.
const denseJobs = 4

// NewPacked allocates room for the given architecture at the current vector width.
func NewPacked(d Dims) *Packed {
	e := d.Encoder
	room := func(n int) []float32 { return make([]float32, n+16)[:n] } // a tile steps one row past its panel
	k := &Packed{
		conv1:      room(kernel.PackedSize(9, e[0])),
		conv2:      room(kernel.PackedSize(9*e[0], e[1])),
		conv2Back:  room(kernel.TransposeSize(e[1], e[0])),
		denseBack:  room(kernel.PackedSize(d.Hidden, d.flat())),
		deconv:     room(kernel.TransposeSize(e[3], d.Decoder)),
		deconvBack: room(kernel.PackedSize(9*d.Decoder, e[3])),
		outBack:    room(kernel.PackedSize(9, d.Decoder)),
	}
	for i := range k.square {
		k.square[i] = newSquarePacked(e[i+1], e[i+2], room)
	}
	// A part is a whole number of panels at every width.
	const multiple = 32
	k.denseRow = d.flat()
	k.denseStep = ((k.denseRow+denseJobs-1)/denseJobs + multiple - 1) / multiple * multiple
	k.denseParts = (k.denseRow + k.denseStep - 1) / k.denseStep
	return k
}

// Jobs is the number of independent jobs of [Packed.Pack] that inference needs,
// and the number that training needs: the first include the second's beginning.
func (k *Packed) Jobs() (inference, training int) { return 5, 10 + k.denseParts }

// Pack does one job of packing p.
func (k *Packed) Pack(p *Params, job int) {
	d := p.Dims
	e := d.Encoder
	switch job {
	case 0:
		kernel.PackConv(k.conv1, p.Conv[0].Kernel, 1, e[0])
	case 1:
		kernel.PackConv(k.conv2, p.Conv[1].Kernel, e[0], e[1])
	case 2, 3:
		k.square[job-2].pack(p.Conv[job].Kernel)
	case 4:
		kernel.PackTranspose(k.deconv, p.Deconv.Kernel, e[3], d.Decoder)
	case 5, 6:
		k.square[job-5].packBack(p.Conv[job-3].Kernel)
	case 7:
		// The kernel of a convolution e0→e1 reads as the one of a transposed e1→e0.
		kernel.PackTranspose(k.conv2Back, p.Conv[1].Kernel, e[1], e[0])
	case 8:
		// And that of the transposed convolution as a strided Decoder→e3.
		kernel.PackConv(k.deconvBack, p.Deconv.Kernel, d.Decoder, e[3])
	case 9:
		kernel.PackConvBackward(k.outBack, p.Out.Kernel, d.Decoder, 1)
	default:
		first := (job - 10) * k.denseStep
		rows := min(k.denseStep, k.denseRow-first)
		kernel.PackTransposed(k.denseBack[first*d.Hidden:], p.Dense.Kernel[first*d.Hidden:], rows, d.Hidden)
	}
}
