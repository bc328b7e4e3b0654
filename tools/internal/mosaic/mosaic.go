// Package mosaic lays grey 28×28 images out as one picture.
package mosaic

import (
	"bytes"
	"image"
	"image/color"
	"image/png"

	"vaelab/core"
)

// Gray returns n images of 784 values in [0,1] (row-major; n = len(images)/784)
// as a picture of the given number of columns, row by row. Every pixel becomes a
// square of scale×scale, and gap·scale pixels of mid-grey part the images; cells
// that no image fills are mid-grey too. Values outside [0,1] are clipped.
func Gray(images []float32, columns, scale, gap int) *image.Gray {
	const side = core.ImageSide
	n := len(images) / core.ImagePixels
	rows := (n + columns - 1) / columns
	pitch := (side + gap) * scale
	picture := image.NewGray(image.Rect(0, 0, columns*pitch-gap*scale, rows*pitch-gap*scale))
	if n < rows*columns || gap > 0 {
		for i := range picture.Pix {
			picture.Pix[i] = 0x80
		}
	}
	for i := range n {
		left, top := i%columns*pitch, i/columns*pitch
		pixels := images[i*core.ImagePixels : (i+1)*core.ImagePixels]
		for y := range side * scale {
			for x := range side * scale {
				picture.SetGray(left+x, top+y, color.Gray{Y: level(pixels[y/scale*side+x/scale])})
			}
		}
	}
	return picture
}

// level rounds a value in [0,1] to a byte.
func level(v float32) uint8 {
	return uint8(min(max(v, 0), 1)*255 + 0.5)
}

// PNG encodes a picture.
func PNG(picture image.Image) ([]byte, error) {
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, picture); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
