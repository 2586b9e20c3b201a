# make demo and make test need Go alone. make check is what CI runs; the
# targets conformance, interop, browser and bundle also need Node and npm, and browser Chromium.

GO      ?= go
BIN     := bin/intercom-mcp
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
COMMIT  := $(shell git rev-parse HEAD 2>/dev/null)
DATE    := $(shell TZ=UTC0 git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd 2>/dev/null)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT) -X main.date=$(DATE)
# Dependencies that no call waits for, compiled without inlining: that keeps 1.5 MB out of the program.
SMALL   := cel.dev github.com/alecthomas github.com/antlr4-go github.com/goccy github.com/google/jsonschema-go \
           github.com/jackc go.yaml.in google.golang.org/protobuf
FLAGS   := -trimpath -ldflags '$(LDFLAGS)' $(foreach path,$(SMALL),-gcflags='$(path)/...=-l')

# What makes releases; its first run compiles it, which takes minutes.
GORELEASER := github.com/goreleaser/goreleaser/v2@v2.16.0

# What make cross builds for.
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

# Where the tests kill processes, and what these do: fixed here, and another one each time in .ci/run.
CRASH_SEED ?= 1
export CRASH_SEED

# Intercom's own OpenAPI descriptions, which the contract tests read: where they lie beside the checkout, or as set.
INTERCOM_OPENAPI ?= $(realpath ../shared/openapi)
export INTERCOM_OPENAPI

# What make short has to cover, in percent, and of which packages.
COVER_MIN := 85
COVER     := ./tools/internal/engine,./policy,./policy/change

# Where the tests put their files: in memory where there is room for them, since none tells what a loss of power leaves.
MEMORY := $(shell [ -w /dev/shm ] && ! grep -q ' /dev/shm [^ ]* [^ ]*noexec' /proc/mounts 2>/dev/null && \
            [ "$$(df -Pm /dev/shm | awk 'END { print $$4 }')" -ge 4000 ] && echo /dev/shm)

# The tests make much garbage of small heaps: collecting it less often saves a quarter of their time.
TEST_GO := GOGC=800 GOMEMLIMIT=1GiB $(if $(MEMORY),TMPDIR=$(MEMORY)) $(GO)

# The packages, those first whose tests take longest or wait most.
TESTED := ./tools ./cmd/intercom-mcp ./policy/change/sqlite ./tools/serve/console ./tools/serve ./intercom \
          ./tools/internal/engine ./...

.PHONY: all build cross size bundle release publish manifests module demo test stories short check scripts generate bench \
        bench-peers conformance interop browser clean

all: build

## build: compile the program into bin/
build:
	@[ -e $(BIN) ] || \
	  echo "The first build takes one to two minutes: it compiles SQLite, CEL and the rest once, and keeps them."
	@CGO_ENABLED=0 $(GO) build $(FLAGS) -o $(BIN) ./cmd/intercom-mcp && echo "$(BIN) is built."

## cross: vet for Windows and macOS, and compile the program for every system that a release is for, into out/cross/
cross:
	GOOS=windows $(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	@for platform in $(PLATFORMS); do \
	  os=$${platform%/*}; arch=$${platform#*/}; echo "$$os/$$arch"; \
	  CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build $(FLAGS) \
	    -o out/cross/$$os-$$arch/ ./cmd/intercom-mcp || exit 1; \
	done

## size: the program, which has to stay within 36 MB, and its ten largest dependencies
size: build
	CGO_ENABLED=0 $(GO) build -trimpath -o out/size ./cmd/intercom-mcp
	@GO=$(GO) testdata/release/size.sh $(BIN) out/size 36

## bundle: the program as a bundle that desktop clients install (.mcpb), checked as they and the MCP registry do; other
## programs than that of make build: PROGRAMS='FILE…'
bundle: $(if $(PROGRAMS),,build)
	GO=$(GO) testdata/release/bundle.sh $(VERSION) out/release $(or $(PROGRAMS),$(BIN))

## release: what .goreleaser.yaml makes of a release, for this machine and unpublished, into out/dist; the image only
## where Docker runs on Linux and has buildx
release: WITHOUT_IMAGE = $(shell [ "$$($(GO) env GOOS)" = linux ] && docker buildx inspect >/dev/null 2>&1 || \
  echo --skip=docker)
release: export GIT_CONFIG_COUNT = 1
release: export GIT_CONFIG_KEY_0 = remote.origin.url
release: export GIT_CONFIG_VALUE_0 = https://github.com/$(or $(OWNER),OWNER)/intercom-mcp
release:
	@mkdir -p out
	@sed -e "s/goos: \[.*/goos: [$$($(GO) env GOOS)]/" -e "s/goarch: \[.*/goarch: [$$($(GO) env GOARCH)]/" \
	  -e "s|platforms: \[.*|platforms: [linux/$$($(GO) env GOARCH)]|" .goreleaser.yaml >out/host.yaml
	$(GO) run $(GORELEASER) release --snapshot --clean -f out/host.yaml $(WITHOUT_IMAGE)

## publish: a release of the tag that is checked out, for all systems, at github.com/OWNER/intercom-mcp, and its bundles
## and server.json into out/release; RELEASEFLAGS=--skip=publish leaves all of it here
publish:
	@[ -n "$(OWNER)" ] || { echo "make publish OWNER=account"; exit 2; }
	OWNER='$(OWNER)' $(GO) run $(GORELEASER) release --clean $(RELEASEFLAGS)
	OWNER='$(OWNER)' $(MAKE) bundle PROGRAMS="$$(echo out/dist/intercom-mcp_*/intercom-mcp*)"

## manifests: the Kubernetes manifests, held to the schemas of their kinds
manifests:
	testdata/release/manifests.sh cmd/intercom-mcp/deploy/kubernetes out/manifests

## module: rename the module, in go.mod and every import: make module MODULE=github.com/OWNER/intercom-mcp
module:
	@[ -n "$(MODULE)" ] || { echo "make module MODULE=github.com/OWNER/intercom-mcp"; exit 2; }
	@FROM=$$($(GO) list -m) && export FROM TO='$(MODULE)' && $(GO) mod edit -module "$$TO" && \
	find . -name '*.go' -exec perl -pi -e \
	  's{^(\s*(?:import\s+)?(?:[\w.]+\s+)?")\Q$$ENV{FROM}\E(/[^"]*"\s*(?://.*)?)$$}{$$1$$ENV{TO}$$2}' {} +
	@gofmt -w cmd intercom policy schemas testdata tools
	@$(GO) list -deps -test ./... >/dev/null

## demo: watch an MCP client do the main job against the embedded Intercom
demo: build
	@$(BIN) demo

## test: every test, with those of the tools once more where texts are escaped; ends with those that were skipped, and
## how to have them
test:
	@echo "CRASH_SEED=$(CRASH_SEED)"
	@[ -n "$$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || \
		echo "PostgreSQL is not installed (Debian's package postgresql): the tests of its store are skipped."
	@mkdir -p out
	$(TEST_GO) test -short -parallel 8 ./tools -escape >out/escape.log 2>&1 & escaped=$$!; trap "kill $$escaped" INT TERM; \
	$(TEST_GO) tool gotestsum --format pkgname -- -p 4 -parallel 8 $(TESTED); failed=$$?; \
	wait $$escaped || failed=1; cat out/escape.log; exit $$failed

## stories: several servers over one database, killed and restarted, in full size (6 minutes)
stories:
	STORIES=full $(GO) test -count=1 -timeout 20m -v -run TestReplicas ./cmd/intercom-mcp

## short: the tests but for those that start processes, and what they cover of the engine and the policy
short:
	@mkdir -p out
	$(TEST_GO) test -short -vet=off -skip '^Fuzz' -p 4 -parallel 8 -coverpkg=$(COVER) -coverprofile=out/short.cover $(TESTED)
	@awk -v min=$(COVER_MIN) '/^mode:/ { next } \
	  { file = $$1; sub(/\/[^\/]*$$/, "", file); size[$$1] = $$2; room[$$1] = file; if ($$3 > 0) hit[$$1] = 1 } \
	  END { for (b in size) { all[room[b]] += size[b]; if (b in hit) got[room[b]] += size[b] } \
	    for (r in all) { share = 100 * got[r] / all[r]; if (share < min) low = 1; \
	      printf "%s: %.1f%% of statements\n", r, share } \
	    exit low }' out/short.cover

## check: formatting, vet, staticcheck, tests with the race detector, scripts
check:
	@unformatted=$$(gofmt -l cmd intercom policy schemas testdata tools); \
	if [ -n "$$unformatted" ]; then echo "not gofmt-ed:"; echo "$$unformatted"; exit 1; fi
	$(GO) mod tidy -diff
	$(GO) vet ./... ./testdata/bench/...
	$(GO) tool staticcheck ./... ./testdata/bench/...
	@echo "CRASH_SEED=$(CRASH_SEED)"
	$(GO) test -race -timeout 20m -parallel 8 ./...
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
	CGO_ENABLED=0 $(GO) build -tags conformance $(FLAGS) -o $(BIN)-conformance ./cmd/intercom-mcp
	BIN=$(BIN) testdata/conformance/run.sh

## interop: the Inspector, the TypeScript SDKs, the schema code of clients, Intercom's Node SDK
interop: build
	$(GO) build -o $(BIN)-idp ./tools/serve/internal/auth/authtest/idp
	testdata/interop/run.sh $(BIN) $(BIN)-idp out/interop
	testdata/interop/sdk/run.sh $(BIN) out/sdk

## browser: the pages and views of the program in Chromium, with pictures in out/browser/pictures
browser: build
	$(GO) build -o $(BIN)-idp ./tools/serve/internal/auth/authtest/idp
	testdata/browser/run.sh $(BIN) $(BIN)-idp out/browser

clean:
	rm -rf bin out
