// Package lane is the contract between the loops of package kernel and the
// register tiles below it, one package per vector width. Pointers are to
// float32, strides are in bytes, and every tile trusts its arguments.
package lane

import "unsafe"

// Panel columns: a tile computes two vectors, so a packed panel is 2·Lanes wide.

// Conv computes, for each of W×H output pixels (y, x) and each of Cols columns,
//
//	C[y,x][col] = max(Floor, init + Σ_seg Σ_k A[y,x][seg][k] · B[seg][k][col])
//
// where A[y,x] = A + y·ARow + x·APix, segment seg lies ASeg·seg bytes further and
// holds K contiguous floats, B is a packed panel, and init is Bias[col], or what C
// holds already where Bias is nil.
type Conv struct {
	A                unsafe.Pointer
	APix, ARow, ASeg uintptr
	B                unsafe.Pointer
	C                unsafe.Pointer
	CPix, CRow       uintptr
	Bias             unsafe.Pointer
	Floor            float32
	W, H             int
	Segs, K          int
	Cols             int
}

// Filter adds to a gradient of Rows×Cols values
//
//	C[row][col] += Σ_y Σ_x A[y,x][row] · B[y,x][col]
//
// for Rows ≤ 4 (the tile reads four floats of A all the same), A[y,x] = A + y·ARow + x·APix, B likewise.
type Filter struct {
	A          unsafe.Pointer
	APix, ARow uintptr
	B          unsafe.Pointer
	BPix, BRow uintptr
	C          unsafe.Pointer
	CRow       uintptr
	W, H       int
	Rows, Cols int
	Overwrite  bool // C is written instead of added to (whole tiles of Filter only)
}

// Thin is the convolution of one input channel by 3×3 kernels: Conv with three
// segments of three floats, unrolled.
type Thin struct {
	A                unsafe.Pointer
	APix, ARow, ASeg uintptr
	B                unsafe.Pointer // packed panel of 9 rows
	C                unsafe.Pointer
	CPix, CRow       uintptr
	Bias             unsafe.Pointer // never nil
	Floor            float32
	W, H             int
	Cols             int
}

// Dots is the convolution to one output channel:
//
//	C[y,x] = Bias + Σ_seg Σ_k A[y,x][seg][k] · B[seg][k]
//
// for W×H pixels, C contiguous.
type Dots struct {
	A                unsafe.Pointer
	APix, ARow, ASeg uintptr
	B                unsafe.Pointer // Segs·K floats
	C                unsafe.Pointer
	Bias             float32
	W, H             int
	Segs, K          int
}

// Dense is Conv with one segment over an unpacked matrix, whose rows are BRow bytes apart:
//
//	C[m][col] = max(Floor, init + Σ_k A[m][k] · B[k][col])
//
// for M rows m, ARow and CRow bytes apart.
type Dense struct {
	A          unsafe.Pointer
	ARow       uintptr
	B          unsafe.Pointer
	BRow       uintptr
	C          unsafe.Pointer
	CRow       uintptr
	Bias       unsafe.Pointer // nil: accumulate on C
	Floor      float32
	M, K, Cols int
}

// DenseFilter adds an outer product of at most four rows to a matrix:
//
//	C[k][col] += Σ_m A[m][k] · B[m][col]     m < M ≤ 4
//
// for K rows k, CRow bytes apart.
type DenseFilter struct {
	A          unsafe.Pointer
	ARow       uintptr
	B          unsafe.Pointer
	BRow       uintptr
	C          unsafe.Pointer
	CRow       uintptr
	M, K, Cols int
}

// Winograd describes one transform between an image and its tiles of 6×6, in
// F(4×4, 3×3). Tiles overlap by two pixels and step by four; the transformed array
// holds position p of tile t at p·Pos + t·Cols floats.
type Winograd struct {
	Image          unsafe.Pointer // input: the window of tile (0,0); output and gradient: its pixel (0,0)
	Pix, Row       uintptr
	Tiles          unsafe.Pointer // of tile (0,0), position 0
	Pos            uintptr
	TilesX, TilesY int
	W, H           int // output: pixels beyond are not written
	Cols           int // channels, a multiple of the lanes
	Bias           unsafe.Pointer
	Floor          float32
}
