# make demo and make test need Go alone. make check is what CI runs; the
# targets conformance and interop also need Node and npm.

GO      ?= go
BIN     := bin/intercom-mcp
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X main.version=$(VERSION)

# Where the tests kill processes, and what these do: fixed here, and another one each time in .ci/run.
CRASH_SEED ?= 1
export CRASH_SEED

# Intercom's own OpenAPI descriptions, which the contract tests read: where they lie beside the checkout, or as set.
INTERCOM_OPENAPI ?= $(realpath ../shared/openapi)
export INTERCOM_OPENAPI

# What make short has to cover, in percent, and of which packages.
COVER_MIN := 85
COVER     := ./tools/internal/engine,./policy,./policy/change

# The tests make much garbage of small heaps: collecting it less often saves a quarter of their time.
TEST_GO := GOGC=400 $(GO)

.PHONY: all build demo test short check scripts generate bench bench-peers conformance interop clean

all: build

## build: compile the program into bin/
build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/intercom-mcp

## demo: watch an MCP client do the main job against the embedded Intercom
demo: build
	@$(BIN) demo

## test: every test; ends with those that were skipped, and how to have them
test:
	@echo "CRASH_SEED=$(CRASH_SEED)"
	$(TEST_GO) test -short -parallel 8 ./tools -escape
	$(TEST_GO) tool gotestsum --format pkgname -- -parallel 8 ./...

## short: the tests but for those that start processes, and what they cover of the engine and the policy
short:
	@mkdir -p out
	$(TEST_GO) test -short -vet=off -skip '^Fuzz' -parallel 8 -coverpkg=$(COVER) -coverprofile=out/short.cover ./...
	@awk -v min=$(COVER_MIN) '/^mode:/ { next } \
	  { file = $$1; sub(/\/[^\/]*$$/, "", file); size[$$1] = $$2; room[$$1] = file; if ($$3 > 0) hit[$$1] = 1 } \
	  END { for (b in size) { all[room[b]] += size[b]; if (b in hit) got[room[b]] += size[b] } \
	    for (r in all) { share = 100 * got[r] / all[r]; printf "%s: %.1f%% of statements\n", r, share; if (share < min) low = 1 } \
	    exit low }' out/short.cover

## check: formatting, vet, staticcheck, tests with the race detector, scripts
check:
	@unformatted=$$(gofmt -l cmd intercom policy schemas testdata tools); \
	if [ -n "$$unformatted" ]; then echo "not gofmt-ed:"; echo "$$unformatted"; exit 1; fi
	$(GO) mod tidy -diff
	$(GO) vet ./... ./testdata/bench/...
	$(GO) tool staticcheck ./... ./testdata/bench/...
	@echo "CRASH_SEED=$(CRASH_SEED)"
	$(GO) test -race -parallel 8 ./...
	$(GO) test -short -parallel 8 ./tools -escape
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

## bench-peers: the program beside floor programs in the same run, and what is aimed at
bench-peers: build
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/bench-floor ./testdata/bench/floor
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/bench-floor-start ./testdata/bench/floor_start
	$(GO) run ./testdata/bench $(BENCHFLAGS)

## conformance: the official MCP conformance suite, and the Inspector's lint
conformance: build
	$(GO) vet -tags conformance ./tools/serve/... ./cmd/intercom-mcp
	$(GO) test -tags conformance ./tools/serve -run TestFixtures
	CGO_ENABLED=0 $(GO) build -tags conformance -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)-conformance ./cmd/intercom-mcp
	BIN=$(BIN) testdata/conformance/run.sh

## interop: the Inspector, the TypeScript SDKs, the schema code of clients, Intercom's Node SDK
interop: build
	$(GO) build -o $(BIN)-idp ./tools/serve/internal/auth/authtest/idp
	testdata/interop/run.sh $(BIN) $(BIN)-idp out/interop
	testdata/interop/sdk/run.sh $(BIN) out/sdk

clean:
	rm -rf bin out
