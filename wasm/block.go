//go:build js && wasm

package main

import (
	"unsafe"

	"vaelab/core/data"
)

// block is what replicas need to know of a batch, in one piece that crosses as it
// is, in 32-bit words:
//
//	epoch, images, shards
//	bounds   shards+1: shard s is images bounds[s] … bounds[s+1]
//	indices  images: of each image in its set
//	pixels   images × 784 bytes
type block []int32

const (
	blockHeader = 3
	pixelWords  = data.Pixels / 4
)

func blockWords(shards, images int) int {
	return blockHeader + shards + 1 + images + images*pixelWords
}

// begin makes room and writes the header; nothing is allocated once b was as long before.
func (b block) begin(epoch, shards, images int) block {
	n := blockWords(shards, images)
	if cap(b) < n {
		b = make(block, n)
	}
	b = b[:n]
	b[0], b[1], b[2] = int32(epoch), int32(images), int32(shards)
	return b
}

// complete says that the lengths inside agree with the block's own, as they do
// unless the other side is of another build.
func (b block) complete() bool {
	if len(b) < blockHeader {
		return false
	}
	images, shards := int(b[1]), int(b[2])
	if images < 0 || images > maxImages || shards < 1 || shards > 64 || len(b) != blockWords(shards, images) {
		return false
	}
	bounds := b.bounds()
	for s := range shards {
		if bounds[s] > bounds[s+1] {
			return false
		}
	}
	return bounds[0] >= 0 && int(bounds[shards]) <= images
}

func (b block) epoch() int       { return int(b[0]) }
func (b block) images() int      { return int(b[1]) }
func (b block) shards() int      { return int(b[2]) }
func (b block) bounds() []int32  { return b[blockHeader : blockHeader+b.shards()+1] }
func (b block) indices() []int32 { return b[blockHeader+b.shards()+1:][:b.images()] }

func (b block) pixels() []byte {
	words := b[blockHeader+b.shards()+1+b.images():]
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), 4*len(words))
}
