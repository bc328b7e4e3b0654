// Package data holds labelled 28×28 grey images and decodes them from IDX.
package data

// Side and Pixels are the height (and width) and the number of bytes of an image.
const (
	Side   = 28
	Pixels = Side * Side
)

// Set is a set of images with their labels, in memory as bytes: a training
// step scales them to [0,1] by /255 on its way.
type Set struct {
	Images []byte // N×784, row-major
	Labels []byte // N, or nil where the set has none
}

// Len returns the number of images.
func (s *Set) Len() int { return len(s.Images) / Pixels }

// Image returns image i: 784 bytes that alias the set.
func (s *Set) Image(i int) []byte { return s.Images[i*Pixels : (i+1)*Pixels : (i+1)*Pixels] }

// Head returns the first n images (all where there are fewer), aliasing s.
func (s *Set) Head(n int) *Set {
	n = min(n, s.Len())
	h := &Set{Images: s.Images[:n*Pixels]}
	if s.Labels != nil {
		h.Labels = s.Labels[:n]
	}
	return h
}
