# make demo and make test need Go alone. make check is what CI runs; the
# targets conformance and interop also need Node and npm.

GO      ?= go
BIN     := bin/intercom-mcp
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X main.version=$(VERSION)

.PHONY: all build demo test check scripts generate bench conformance interop clean

all: build

## build: compile the program into bin/
build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/intercom-mcp

## demo: watch an MCP client do the main job against the embedded Intercom
demo: build
	@$(BIN) demo

## test: every test, and the scripts
test:
	$(GO) test ./...

## check: formatting, vet, staticcheck, tests with the race detector, scripts
check:
	@unformatted=$$(gofmt -l cmd intercom policy schemas tools); \
	if [ -n "$$unformatted" ]; then echo "not gofmt-ed:"; echo "$$unformatted"; exit 1; fi
	$(GO) mod tidy -diff
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) test -race ./...
	$(MAKE) scripts

## scripts: the scripted tool calls, each in a workspace of its own
scripts: build
	$(BIN) script testdata/scripts/*.yaml

## generate: rewrite the schemas and the README's tables from the Go structs
generate:
	$(GO) test ./tools -run 'Schemas' -update
	$(GO) test ./intercom -run 'OperationsTable' -update
	$(GO) test ./cmd/intercom-mcp -run 'README|Operations' -update

## bench: the benchmarks
bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

## conformance: the official MCP conformance suite, and the Inspector's lint
conformance:
	CGO_ENABLED=0 $(GO) build -tags conformance -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)-conformance ./cmd/intercom-mcp
	BIN=$(BIN)-conformance testdata/conformance/run.sh

## interop: the MCP Inspector, the official TypeScript SDKs, and Intercom's own Node SDK
interop: build
	testdata/interop/run.sh $(BIN) out/interop
	testdata/interop/sdk/run.sh $(BIN) out/sdk

clean:
	rm -rf bin out
