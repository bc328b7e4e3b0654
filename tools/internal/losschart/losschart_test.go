package losschart

import (
	"bytes"
	"image/png"
	"math"
	"strings"
	"testing"
)

func TestSVGHoldsTheCurves(t *testing.T) {
	b, err := Draw([]Run{{Name: "mine", Train: []float64{3, 2}, Val: []float64{4, 3}}, Book}, "nats per pixel", "svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"mine train", "mine val", "book train", "book val", "loss (nats per pixel)", "epoch", "stroke-dasharray", "#808080", "#0072B2"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the SVG lacks %q", want)
		}
	}
}

// TestPNGIsDrawn finds the colour of the run in the picture.
func TestPNGIsDrawn(t *testing.T) {
	for _, epochs := range []int{1, 10} {
		b, err := Draw([]Run{{Name: "mine", Train: Book.Train[:epochs], Val: Book.Val[:epochs]}}, "nats", "png")
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		blue := 0
		for y := range picture.Bounds().Dy() {
			for x := range picture.Bounds().Dx() {
				if r, g, b, _ := picture.At(x, y).RGBA(); r>>8 == 0 && g>>8 == 0x72 && b>>8 == 0xb2 {
					blue++
				}
			}
		}
		if blue < 10 {
			t.Errorf("%d epochs: %d pixels have the run's colour", epochs, blue)
		}
	}
}

func TestNaNIsAnError(t *testing.T) {
	_, err := Draw([]Run{{Name: "mine", Train: []float64{math.NaN()}, Val: []float64{1}}}, "nats", "png")
	if err == nil || !strings.Contains(err.Error(), "mine train") {
		t.Fatalf("Draw: %v", err)
	}
}
