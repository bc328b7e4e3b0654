# The SIMD kernels exist only with the experiment, and only in this Go: both
# are set here so that no target can forget them.
export GOTOOLCHAIN := go1.27.4
export GOEXPERIMENT := simd
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

ENGINE := site/public/engine
BUILDS := fma simd scalar
ENGINES := $(BUILDS:%=$(ENGINE)/engine-%.wasm) $(ENGINE)/wasm_exec.js $(ENGINE)/engine.json
ENGINE_SOURCES := go.mod go.sum $(shell find core wasm -name '*.go' ! -name '*_test.go')
SITE_SOURCES := $(shell find site -type f ! -path 'site/node_modules/*' ! -path 'site/dist/*' ! -path '$(ENGINE)/*' ! -path 'site/e2e/*')
BUILD_WASM = GOOS=js GOARCH=wasm go build -trimpath -buildvcs=false
WASMOPT_SOURCES := $(shell find tools/wasmopt tools/internal/wasmopt -name '*.go' ! -name '*_test.go' ! -path '*/testdata/*')

# Tests of the core under Node. The Go runtime refuses a large environment and
# GOMAXPROCS there, so the tests get a bare one.
NODE_EXEC = env -i 'PATH=$$PATH' 'HOME=$$HOME' TMPDIR=/tmp '$$(go env GOROOT)/lib/wasm/go_js_wasm_exec'

.PHONY: help wasm site serve test test-go test-wasm test-wasm-fma test-site e2e check vet format imports generated tidy staticcheck check-site bench bench-web bench-workers readme clean

help: ## Print this list
	@echo 'make <target>:'
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/  \1\t\2/p' Makefile | expand -t 16

## Building

wasm: $(ENGINES) ## Build the engine for the page: fused multiply-adds, plain SIMD, scalar

# wasmopt finds the kernels by their names and takes the names out.
bin/engine-linked.wasm: $(ENGINE_SOURCES)
	@mkdir -p bin
	$(BUILD_WASM) -ldflags=-w -o $@ ./wasm

$(ENGINE)/engine-fma.wasm: bin/engine-linked.wasm $(WASMOPT_SOURCES)
	@mkdir -p $(ENGINE)
	go run ./tools/wasmopt -fma $< $@

$(ENGINE)/engine-simd.wasm: bin/engine-linked.wasm $(WASMOPT_SOURCES)
	@mkdir -p $(ENGINE)
	go run ./tools/wasmopt $< $@

$(ENGINE)/engine-scalar.wasm: $(ENGINE_SOURCES)
	@mkdir -p $(ENGINE)
	GOEXPERIMENT= $(BUILD_WASM) -ldflags='-s -w' -o $@ ./wasm

$(ENGINE)/wasm_exec.js: go.mod Makefile
	@mkdir -p $(ENGINE)
	cp "$$(go env GOROOT)/lib/wasm/wasm_exec.js" $@
	@chmod u+w $@

# Which builds there are, and their sizes: a compressed download tells only its compressed one.
$(ENGINE)/engine.json: $(BUILDS:%=$(ENGINE)/engine-%.wasm)
	@for build in $(BUILDS); do \
		printf '"%s":{"file":"engine-%s.wasm","bytes":%d}\n' $$build $$build "$$(wc -c < $(ENGINE)/engine-$$build.wasm)"; \
	done | paste -sd, | sed 's/.*/{"builds":{&}}/' > $@

site: site/dist/index.html ## Build the page into site/dist

site/dist/index.html: site/node_modules/.installed $(ENGINES) $(SITE_SOURCES)
	cd site && npm run build

site/node_modules/.installed: site/package-lock.json
	cd site && npm ci --no-audit --no-fund
	@touch $@

serve: site ## Build everything and serve the page on http://localhost:8080
	go run ./tools serve

## Proving

test: test-go test-wasm test-wasm-fma test-site e2e ## Run every test: native, under Node, and in Chromium

test-go: ## Run the Go tests natively
	go test ./...

test-wasm: ## Run the core's tests as js/wasm under Node
	GOOS=js GOARCH=wasm go test -exec "$(NODE_EXEC)" ./core/...

# Node before 22 has relaxed SIMD behind a flag that later ones no longer know.
test-wasm-fma: ## Run the kernels' tests as the engine runs them: rewritten, with fused multiply-adds
	@mkdir -p bin
	GOOS=js GOARCH=wasm go test -c -ldflags=-w -o bin/kernel-linked.wasm ./core/kernel
	go run ./tools/wasmopt -fma bin/kernel-linked.wasm bin/kernel-fma.wasm
	flag=--experimental-wasm-relaxed-simd; node $$flag -e 0 2>/dev/null || flag=; \
	cd core/kernel && env -i "PATH=$$PATH" "HOME=$$HOME" TMPDIR=/tmp \
		node $$flag --stack-size=8192 "$$(go env GOROOT)/lib/wasm/wasm_exec_node.js" ../../bin/kernel-fma.wasm

test-site: site/node_modules/.installed $(ENGINES) ## Run the page's unit tests
	cd site && npm test

e2e: site ## Drive the built page in headless Chromium
	cd site && npm run e2e

check: vet format imports generated tidy staticcheck check-site ## Run every static check

vet: ## go vet on every platform that the code is written for
	go vet ./...
	GOOS=linux GOARCH=arm64 go vet ./...
	GOOS=js GOARCH=wasm go vet ./core/... ./wasm/...
	GOEXPERIMENT= go vet ./core/...
	GOEXPERIMENT= GOOS=js GOARCH=wasm go vet ./core/... ./wasm/...

format: ## gofmt, without changing anything
	@files=$$(gofmt -l core wasm tools); \
	if [ -n "$$files" ]; then echo "not formatted (run: gofmt -w core wasm tools):"; echo "$$files"; exit 1; fi

imports: ## The import rules of ARCHITECTURE.md, for Go and TypeScript
	go test -count=1 ./tools/internal/houserules

generated: ## Generated files are what their generators write
	@before=$$(git status --porcelain core/kernel; git diff core/kernel | git hash-object --stdin); \
	go generate ./core/kernel/...; \
	after=$$(git status --porcelain core/kernel; git diff core/kernel | git hash-object --stdin); \
	if [ "$$before" != "$$after" ]; then \
		echo "core/kernel: generated files were out of date; they are rewritten now, commit them:"; git status --short core/kernel; exit 1; fi

tidy: ## go.mod and go.sum hold what the code needs, and no more
	go mod tidy -diff

# Left out: ST1005, for which a message may not begin with a name such as Go's; and, where
# assembly-like code keeps sinks and only the linker sees who calls an export, U1000 (unused).
staticcheck: ## staticcheck, natively and for the engine
	@mkdir -p bin
	go build -o bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	bin/staticcheck -checks=inherit,-ST1005 ./tools/...
	bin/staticcheck -checks=inherit,-ST1005,-U1000 ./core/...
	GOOS=js GOARCH=wasm bin/staticcheck -checks=inherit,-ST1005,-U1000 ./core/... ./wasm/...

check-site: site/node_modules/.installed ## Biome and the TypeScript compiler
	cd site && npm run check

bench: ## Measure kernels and whole steps; results go to bench/results.json (PEERS=1: PyTorch, too)
	go run ./tools bench $(if $(PEERS),--peers) --out bench/results.json

# Peers are development dependencies of bench/web alone. Options: make bench-web BENCH_WEB='--quick --no-peers'
bench-workers: site ## Measure replicas in Chromium: what each brings, requests beside a run, equal bits
	cd site && node bench/workers.mjs

bench-web: site bench/web/node_modules/.installed ## Measure the built page in Chromium, and TF.js and jax-js beside it; results go to bench/web/results.json
	cd bench/web && npm run --silent build && node bench.js $(BENCH_WEB)

bench/web/node_modules/.installed: bench/web/package-lock.json
	cd bench/web && npm ci --no-audit --no-fund
	@touch $@

readme: ## Rewrite README's tables from the results of bench and bench-web and the logs beside the pretrained weights
	go run ./tools bench --readme README.md --results bench/results.json
	go run ./tools plot --readme README.md site/public/weights/seed*.json

clean: ## Remove everything that make builds
	rm -rf bin site/dist $(ENGINE) site/node_modules bench/web/dist bench/web/node_modules
