//go:build js && wasm

// Command wasm is the engine of the page: package core behind the calls of
// protocol.go, for a worker to make. Each call takes one object and answers one.
// Only messages are handled here; arithmetic, formats and checks are core's.
package main

import "github.com/teamortix/golang-wasm/wasm"

func main() {
	e := &engine{}
	wasm.Expose("info", guard(e.info))
	wasm.Expose("newModel", guard(e.newModel))
	wasm.Expose("loadWeights", guard(e.loadWeights))
	wasm.Expose("saveWeights", guard(e.saveWeights))
	wasm.Expose("sample", guard(e.sample))
	wasm.Expose("decode", guard(e.decode))
	wasm.Expose("encode", guard(e.encode))
	wasm.Expose("encodeSet", guard(e.encodeSet))
	wasm.Expose("images", guard(e.images))
	wasm.Expose("setData", guard(e.setData))
	wasm.Expose("train", guard(e.train))
	wasm.Expose("advance", guard(e.advance))
	wasm.Expose("stop", guard(e.stop))
	wasm.Ready()
	select {} // the calls arrive as JavaScript callbacks
}
