package mosaic

import (
	"bytes"
	"image"
	"image/png"
	"testing"
)

// TestGray checks every pixel of five images in three columns against the place
// that the doc comment gives it.
func TestGray(t *testing.T) {
	const n, columns, scale, gap = 5, 3, 2, 1
	images := make([]float32, n*784)
	for i := range images {
		images[i] = float32(i*7919%256) / 255
	}
	got := Gray(images, columns, scale, gap)
	if want := image.Rect(0, 0, (3*28+2)*2, (2*28+1)*2); got.Rect != want {
		t.Fatalf("the picture is %v, want %v", got.Rect, want)
	}
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			want := uint8(0x80)
			column, row := x/scale/(28+gap), y/scale/(28+gap)
			px, py := x/scale%(28+gap), y/scale%(28+gap)
			if i := row*columns + column; i < n && px < 28 && py < 28 {
				want = uint8((i*784 + py*28 + px) * 7919 % 256)
			}
			if v := got.GrayAt(x, y).Y; v != want {
				t.Fatalf("pixel (%d,%d) is %d, want %d", x, y, v, want)
			}
		}
	}
}

func TestValuesAreClippedAndRounded(t *testing.T) {
	images := make([]float32, 784)
	copy(images, []float32{-3, 0, 0.5, 1, 7})
	got := Gray(images, 1, 1, 0)
	for x, want := range []uint8{0, 0, 128, 255, 255} {
		if v := got.GrayAt(x, 0).Y; v != want {
			t.Errorf("pixel %d is %d, want %d", x, v, want)
		}
	}
}

func TestPNGRoundTrip(t *testing.T) {
	images := make([]float32, 2*784)
	for i := range images {
		images[i] = float32(i%256) / 255
	}
	picture := Gray(images, 2, 1, 2)
	b, err := PNG(picture)
	if err != nil {
		t.Fatal(err)
	}
	back, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(back.(*image.Gray).Pix, picture.Pix) {
		t.Fatal("the pixels changed")
	}
}
