//go:build js && wasm

// Command wasm is the engine of the page: package core behind the calls of
// protocol.go, for a worker to make. Each call takes one object and answers one.
// Only messages are handled here; arithmetic, formats and checks are core's.
package main

import "github.com/teamortix/golang-wasm/wasm"

// theEngine is the one of this instance: exports have no receiver.
var theEngine = &engine{}

func main() {
	e := theEngine
	wasm.Expose("info", guard(e.info))
	wasm.Expose("newModel", guard(e.newModel))
	wasm.Expose("loadWeights", guard(e.loadWeights))
	wasm.Expose("saveWeights", guard(e.saveWeights))
	wasm.Expose("sample", guard(e.sample))
	wasm.Expose("decode", guard(e.decode))
	wasm.Expose("encode", guard(e.encode))
	wasm.Expose("encodeSet", guard(e.encodeSet))
	wasm.Expose("images", guard(e.images))
	wasm.Expose("activations", guard(e.activations))
	wasm.Expose("setData", guard(e.setData))
	wasm.Expose("train", guard(e.train))
	wasm.Expose("advance", guard(e.advance))
	wasm.Expose("stop", guard(e.stop))
	wasm.Expose("checkpoint", guard(e.checkpoint))
	wasm.Expose("recover", guard(e.recover))
	wasm.Expose("endEpoch", guard(e.endEpoch))
	wasm.Expose("pixels", guard(e.pixels))
	wasm.Expose("makeReplica", guard(e.makeReplica))
	wasm.Expose("fault", guard(e.fault))
	wasm.Expose("memory", guard(e.memory))
	wasm.Ready()
	select {} // the calls arrive as JavaScript callbacks, and at the exports
}
