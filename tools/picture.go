package main

import (
	"fmt"

	"vaelab/tools/internal/atomicfile"
	"vaelab/tools/internal/mosaic"
)

// pictureFlags choose where a picture of images goes and how large it is.
type pictureFlags struct {
	Out   string `placeholder:"FILE" help:"PNG to write (${picture})."`
	Scale *int   `placeholder:"N" help:"Pixels of the picture to a pixel of an image, 1 to 32 (2)."`
}

// maxPicture is the largest width or height of a picture, in pixels.
const maxPicture = 32_768

// resolve checks the flags for a grid of columns×rows; name is the file where
// none was given.
func (f *pictureFlags) resolve(name string, columns, rows, gap int) (scale int, err error) {
	scale = 2
	if err := setInt(&scale, f.Scale, "--scale", 1, 32); err != nil {
		return 0, err
	}
	if f.Out == "" {
		f.Out = name
	}
	if pixels := max(columns, rows) * (28 + gap) * scale; pixels > maxPicture {
		return 0, usagef("--scale: the picture would be %s pixels on a side, at most %s are drawn: take a smaller --scale or fewer images", thousands(pixels), thousands(maxPicture))
	}
	return scale, atomicfile.Check(f.Out)
}

// write draws images (n×784) in columns and writes the PNG.
func (f *pictureFlags) write(images []float32, columns, scale, gap int) error {
	b, err := mosaic.PNG(mosaic.Gray(images, columns, scale, gap))
	if err != nil {
		return fmt.Errorf("%s: %w", f.Out, err)
	}
	return atomicfile.Write(f.Out, b)
}
