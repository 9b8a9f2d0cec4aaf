# agd-bridge. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VERSION := $(shell node -p "require('./package.json').version" 2>/dev/null || echo unknown)
# For agd version --long; "" without git.
COMMIT := $(shell git describe --always --dirty --abbrev=40 --exclude '*' 2>/dev/null)
# The release's tags (docs/releases.md); those of the Go module are no part of agd.
TAGS := $(shell git tag --points-at HEAD --list 'v*' 2>/dev/null | paste -sd,)
# Seconds since 1970, for agd doctor.
COMMIT_TIME := $(shell git log -1 --format=%ct 2>/dev/null)

# One line instead of an installation, or a build, that fails: package.json has
# the version of Node.js that we need.
ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),help)),)
NODE_REFUSED := $(shell if command -v node >/dev/null; then node tools/node-version.mjs 2>&1; else echo 'node is not in PATH: README.md names the version'; fi)
ifneq ($(NODE_REFUSED),)
$(error $(NODE_REFUSED); tools/node.sh downloads one (README.md))
endif
endif

# $(call is,NAME): 1 or nothing, for a variable that is on or off.
is = $(if $(filter-out 1,$(words $($1))),$(call not-a-choice,$1),$(if $(filter 1 yes true,$($1)),1,$(if $(filter 0 no false,$($1)),,$(call not-a-choice,$1))))
not-a-choice = $(error $1="$($1)": expected 1, yes or true, or else 0, no or false)

SPLIT ?= 1
IS_SPLIT := $(call is,SPLIT)
# CORE=1: the kernel boots Agoric's core, with a separate home.
CORE ?= 0
IS_CORE := $(call is,CORE)
HOME_DIR ?= $(if $(IS_CORE),.agd-core,.agd)
LOCALNET_DIR ?= .agd-localnet
FUZZ_TIME ?= 60s
FUZZ_RUNS ?= 20000
PREFIX ?= /usr/local
MEMORY_CALLS ?= 1000000
DEBUG ?= 0
IS_DEBUG := $(call is,DEBUG)
CHAOS_KILLS ?= 100
SOAK_BLOCKS ?= 10000
COSMOVISOR ?= v1.5.0
# The Go relayer that `make test-ibc` builds.
RELAYER = v2.6.0
# The builder of the OpenTelemetry Collector of `make test-otel`;
# test/telemetry/otelcol.yaml has the versions of its parts.
OTELCOL = v0.165.0

# Tests are no part of a binary.
without-tests = $(filter-out %_test.go,$1)
GO_SOURCES := $(call without-tests,$(shell find go -name '*.go' -o -name 'go.mod' -o -name 'go.sum' -o -name '*.[chs]' -o -name methods.json) $(wildcard $(addprefix go/traceview/*.,js css html)))
TS_SOURCES := $(shell find packages examples -path '*/src/*.ts' -not -path '*/node_modules/*') tsconfig.base.json tsconfig.json $(wildcard packages/*/tsconfig.json examples/*/tsconfig.json)
ADDON_SOURCES := packages/bridge-inproc/binding.gyp $(wildcard packages/bridge-inproc/src/*.cc packages/bridge-inproc/src/*.h) go/bridge/inproc/agdbridge.h

LAUNCHER_SOURCES := go/cmd/launcher/launcher.c go/cmd/agd/early.c
launcher = $(CC) -O2 -Wall -Wextra -Werror -s -fPIE -pie -Wl,-rpath,'$$ORIGIN' -o $@ $(LAUNCHER_SOURCES) -ldl

signals = $(CC) -O2 -Wall -Wextra -Werror -s -fPIC -shared -fvisibility=hidden -o $@ packages/agvm/native/early-signals.c -ldl

VERSION_PACKAGE := github.com/cosmos/cosmos-sdk/version
CLI_PACKAGE := github.com/agd-bridge/agd-bridge/go/cli
# Position-independent code everywhere, so that agd, its library, tests and vet
# share one compilation of the SDK. No state of the checkout in the binaries:
# Go's own stamp differs if a file is there that git does not know.
export GOFLAGS := -trimpath -buildmode=pie -buildvcs=false $(GOFLAGS)

# UPGRADES are the names of the plans of x/upgrade that this build implements
# (docs/operating.md). They stay until UPGRADES is set again, so that `make
# install` installs what `make build UPGRADES=…` has built; a release has only
# those that its own command names.
RELEASING := $(filter release release-image test-release test-reproducible,$(MAKECMDGOALS))
UPGRADES_BUILT := build/.upgrades
ifeq ($(origin UPGRADES)$(RELEASING),undefined)
UPGRADES := $(file <$(UPGRADES_BUILT))
endif

# DEBUG=1 keeps the symbols for a Go debugger, and compiles our own packages
# without optimization (docs/debugging.md).
GO_FLAGS = $(if $(IS_DEBUG),-gcflags 'github.com/agd-bridge/agd-bridge/...=-N -l') -ldflags "$(if $(IS_DEBUG),,-s -w )-X $(VERSION_PACKAGE).Name=agd -X $(VERSION_PACKAGE).AppName=agd -X $(VERSION_PACKAGE).Version=$(VERSION) -X $(VERSION_PACKAGE).Commit=$(COMMIT) -X $(CLI_PACKAGE).gitTags=$(TAGS) -X $(CLI_PACKAGE).commitTime=$(COMMIT_TIME)$(if $(UPGRADES), -X 'github.com/agd-bridge/agd-bridge/go/app.upgradeNames=$(UPGRADES)')"

# A small program of one kind for all builds: its bytes depend on its sources alone.
JAIL_FLAGS := -ldflags '-s -w'

# A compiler for every machine; a package of PyPI, in a virtual environment.
ZIG := build/zig/bin/python

ZIG_INSTALLED := build/zig/.installed

NODE_MODULES := node_modules/.package-lock.json
ADDON := packages/bridge-inproc/build/Release/agdbridge.node
SPLIT_ADDON := packages/bridge-split/build/Release/agdsplit.node
SANITIZED_ADDONS := packages/bridge-inproc/build/Debug/agdbridge.node packages/bridge-split/build/Debug/agdsplit.node
JAIL_CALLS := test/jail/native/build/Release/calls.node
DIST := build/.typescript
BUNDLE := packages/agvm/bundle/main.js
# What the kernel would bundle at each start, and what Agoric's core would at its first.
KERNEL_BUNDLES := packages/agvm/kernel-bundles/kernel/manifest.json
CORE_BUNDLES := packages/agvm/kernel-bundles/core-config/manifest.json

# Named as tools/agvm-package/main.ts names it.
AGVM_PACKAGE := build/agvm-$(shell sed -n 's/^  "version": "\(.*\)",/\1/p' packages/agvm/package.json)-linux-$(patsubst aarch64,arm64,$(patsubst x86_64,x64,$(shell uname -m))).tgz

empty :=
space := $(empty) $(empty)

# $(call quoted,TEXT): one word for the shell.
quoted = '$(subst ','\'',$1)'

say = @printf '\033[1m==> %s\033[0m\n' "$(1)"

##@ Run

.PHONY: start
start: build $(if $(IS_CORE),$(CORE_BUNDLES)) ## Run a local chain in ./.agd, in the foreground (SPLIT=0: in-process; CORE=1: Agoric's core, in ./.agd-core)
	@exec tools/foreground.sh build/agd devnet $(if $(IS_CORE),--core )--home $(call quoted,$(HOME_DIR)) --split=$(if $(IS_SPLIT),true,false)

.PHONY: localnet
localnet: build ## Run a network of validators in ./.agd-localnet, in the foreground (VALIDATORS=4, SPLIT_VALIDATORS=2, LOCALNET_DIR)
	@exec tools/foreground.sh build/agd localnet --home $(call quoted,$(LOCALNET_DIR)) $(if $(VALIDATORS),--validators $(VALIDATORS)) $(if $(SPLIT_VALIDATORS),--split $(SPLIT_VALIDATORS))

##@ Build

.PHONY: build
build: build/agd build/libagd.so build/agvm build/agd-ab build/agd-localnet build/agd-devnet build/agvm-about build/agd-vm-jail build/libagd-signals.so $(ADDON) $(SPLIT_ADDON) $(DIST) $(BUNDLE) $(KERNEL_BUNDLES) ## Build agd, its library, the addons and the VM into ./build (DEBUG=1: for a Go debugger)

$(NODE_MODULES): package.json package-lock.json $(wildcard packages/*/package.json examples/*/package.json)
	$(call say,installing npm packages; xsnap compiles for about a minute)
	PATH="$(CURDIR)/tools/compilers:$$PATH" npm $(if $(wildcard node_modules),install,ci) --no-audit --no-fund --loglevel=error
	@touch $@

# The file's name contains agd's build flags: changed flags cause a rebuild.
GO_BUILT := build/.go$(if $(IS_DEBUG),-debug)$(subst $(space),,$(addprefix -,$(UPGRADES)))

$(GO_BUILT):
	@mkdir -p build && rm -f build/.go build/.go-* && touch $@
	@echo $(call quoted,$(UPGRADES)) >$(UPGRADES_BUILT)

# A release names its commit and tags. Another build does not link agd again for
# a commit that changes no Go source.
BUILT_FROM := build/.built-from
ifneq ($(RELEASING),)
build/libagd.so: $(BUILT_FROM)
endif

$(BUILT_FROM): FORCE
	@mkdir -p build
	@echo '$(COMMIT) $(TAGS)' | cmp -s - $@ || echo '$(COMMIT) $(TAGS)' >$@

# agd is a small program that loads its library (decision 17). Delve lists
# goroutines only of a Go program.
ifneq ($(IS_DEBUG),)
build/agd: $(GO_SOURCES) $(GO_BUILT)
	$(call say,building build/agd; the first time takes about two minutes)
	cd go && go build $(GO_FLAGS) -o ../build/agd ./cmd/agd
else
build/agd: $(LAUNCHER_SOURCES) $(GO_BUILT)
	$(launcher)
endif

build/libagd.so: $(GO_SOURCES) $(GO_BUILT)
	$(call say,building build/libagd.so; the first time takes about two minutes)
	cd go && CGO_ENABLED=1 go build $(GO_FLAGS) -buildmode=c-shared -o ../build/libagd.so ./cmd/libagd

# Split mode alone: the library of the in-process mode needs cgo.
build/agd-static: $(GO_SOURCES) $(GO_BUILT) ## Build agd without cgo, static, for --split alone (docs/operating.md)
	$(call say,building build/agd-static; the first time takes some minutes)
	cd go && CGO_ENABLED=0 go build $(GO_FLAGS) -buildmode=exe -o ../$@ ./cmd/agd

# Compiles C for linux/arm64, against the oldest glibc of a release.
ARM64_CC = $(CURDIR)/$(ZIG) -m ziglang cc -target aarch64-linux-gnu.2.35

.PHONY: build-arm64
build-arm64: $(addprefix build/arm64/,agd-static agd-vm-jail libagd.so agd libagd-signals.so) ## Cross-compile agd for linux/arm64, in ./build/arm64; make packages has the addons

build/arm64/%: export GOOS = linux
build/arm64/%: export GOARCH = arm64
build/arm64/%: export ZIG_GLOBAL_CACHE_DIR = $(CURDIR)/build/zig/cache
build/arm64/%: private CC = $(ARM64_CC)

build/arm64/agd-static: $(GO_SOURCES)
	$(call say,building $@; the first time takes some minutes)
	cd go && CGO_ENABLED=0 go build $(GO_FLAGS) -buildmode=exe -o ../$@ ./cmd/agd

build/arm64/agd-vm-jail: $(GO_SOURCES)
	cd go && CGO_ENABLED=0 go build $(JAIL_FLAGS) -buildmode=exe -o ../$@ ./cmd/agd-vm-jail

build/arm64/libagd.so: $(GO_SOURCES) $(ZIG_INSTALLED)
	$(call say,building $@; the first time takes some minutes)
	cd go && CGO_ENABLED=1 CC='$(CC)' go build $(GO_FLAGS) -buildmode=c-shared -o ../$@ ./cmd/libagd

build/arm64/agd: $(LAUNCHER_SOURCES) $(ZIG_INSTALLED)
	@mkdir -p $(@D)
	$(launcher)

build/arm64/libagd-signals.so: packages/agvm/native/early-signals.c $(ZIG_INSTALLED)
	@mkdir -p $(@D)
	$(signals)

# The next Cosmos SDK and CometBFT: a second module file, and the files with the
# build tag next.
NEXT := -modfile=go.next.mod -tags next

.PHONY: build-next
build-next: build/next/agd ## Build agd and its library with Cosmos SDK 0.55 and CometBFT 0.40, in ./build/next

build/next/agd: $(GO_SOURCES) go/go.next.mod go/go.next.sum build/agvm build/agd-vm-jail build/agvm-about build/agd-ab build/agd-localnet build/agd-devnet build/libagd-signals.so
	$(call say,building build/next; the first time takes some minutes)
	@mkdir -p $(@D)
	ln -sfn $(addprefix ../,agvm agd-vm-jail agvm-about agd-ab agd-localnet agd-devnet libagd-signals.so) $(@D)/
	cd go && CGO_ENABLED=1 go build $(NEXT) $(GO_FLAGS) -buildmode=c-shared -o ../$(@D)/libagd.so ./cmd/libagd
	cd go && go build $(NEXT) $(GO_FLAGS) -o ../$@ ./cmd/agd

.PHONY: test-next
test-next: ## Test the application with Cosmos SDK 0.55 and CometBFT 0.40
	cd go && go test $(NEXT) ./app ./x/...

# Static and small, because each worker of the kernel starts through it.
build/agd-vm-jail: $(GO_SOURCES)
	cd go && CGO_ENABLED=0 go build -buildmode=exe $(JAIL_FLAGS) -o ../$@ ./cmd/agd-vm-jail

build/libagd-signals.so: packages/agvm/native/early-signals.c
	@mkdir -p build
	$(signals)

build/agvm: packages/agvm/bin/agvm
	@mkdir -p build
	ln -sfn ../packages/agvm/bin/agvm $@

build/agd-ab: packages/ab/bin/agd-ab
	@mkdir -p build
	ln -sfn ../packages/ab/bin/agd-ab $@

build/agd-localnet build/agd-devnet: build/%: packages/localnet/bin/%
	@mkdir -p build
	ln -sfn ../$< $@

build/agvm-about: packages/agvm/bin/agvm-about
	@mkdir -p build
	ln -sfn ../$< $@

$(ADDON): $(ADDON_SOURCES) $(NODE_MODULES)
	$(call say,building the addon)
	npm run --silent build:addon -w packages/bridge-inproc
	@touch $@

$(SPLIT_ADDON): packages/bridge-split/binding.gyp $(wildcard packages/bridge-split/src/*.cc packages/bridge-split/src/*.h) $(NODE_MODULES)
	$(call say,building the addon of the split backend)
	npm run --silent build:addon -w packages/bridge-split
	@touch $@

packages/bridge-inproc/build/Debug/agdbridge.node: $(ADDON)
packages/bridge-split/build/Debug/agdsplit.node: $(SPLIT_ADDON)
$(SANITIZED_ADDONS):
	$(call say,building $(notdir $@) for AddressSanitizer)
	npm run --silent build:addon:sanitized -w $(@:/build/Debug/$(notdir $@)=)
	@touch $@

# The stamp is outside the directories that it represents.
DIST_DIRS := $(patsubst %/tsconfig.json,%/dist,$(wildcard packages/*/tsconfig.json examples/*/tsconfig.json))
ifneq ($(filter-out $(wildcard $(DIST_DIRS)),$(DIST_DIRS)),)
$(DIST): FORCE
endif

.PHONY: FORCE

$(DIST): $(TS_SOURCES) $(NODE_MODULES)
	$(call say,compiling TypeScript)
	npx tsc -b
	@mkdir -p build && touch $@

# One file instead of some hundred: the VM completes its handshake sooner.
$(BUNDLE): $(DIST)
	npm run --silent bundle -w packages/agvm

$(KERNEL_BUNDLES): $(NODE_MODULES) $(addprefix packages/agvm/src/,make-bundles.ts growing-buffer.ts recording.ts recorded-zip.ts kept-bundles.ts bundler-hooks.ts module-hooks.ts escaped-paths.ts) $(wildcard packages/vats/*-config.json packages/vats/src/*.js) | $(DIST)
	$(call say,making the kernel's bundles; takes about 20 seconds)
	npm run --silent bundles -w packages/agvm -- kernel bank-config
	@touch $@

$(CORE_BUNDLES): $(KERNEL_BUNDLES)
	$(call say,making the bundles of Agoric's core, once; takes about 40 seconds)
	npm run --silent bundles -w packages/agvm -- core-config
	@touch $@

.PHONY: bundles
bundles: $(CORE_BUNDLES) ## Make the bundles of the kernel, its demonstration vat and Agoric's core

.PHONY: build-test
build-test: $(CORE_BUNDLES) build/test/bridgepeer build/test/libbridgepeer.so build/test/codecpeer build/test/upstream-agd $(AGVM_PACKAGE) build/test/benchpeer build/test/libwake.so build/test/testsigner build/test/testlightclient build/test/upgraded/agd build/test/upgraded/libagd.so $(JAIL_CALLS) example ## Build the bridge's test peers and the example

$(JAIL_CALLS): $(wildcard test/jail/native/*.c) test/jail/native/binding.gyp | $(NODE_MODULES)
	npx node-gyp --silent configure build -C test/jail/native
	@touch $@

build/test/bridgepeer: $(GO_SOURCES)
	cd go/bridge && go build -o ../../build/test/bridgepeer ./cmd/bridgepeer

build/test/libbridgepeer.so: $(GO_SOURCES)
	cd go/bridge && CGO_ENABLED=1 go build -buildmode=c-shared -o ../../build/test/libbridgepeer.so ./cmd/libbridgepeer

build/test/testsigner: $(GO_SOURCES)
	cd go && go build -o ../$@ ./cmd/testsigner

build/test/testlightclient: $(GO_SOURCES)
	cd go && go build -o ../$@ ./cmd/testlightclient

# An installation of an agd that implements the upgrade "next".
build/test/upgraded/%: private UPGRADES = next
build/test/upgraded/agd: build/agd build/agvm
	@mkdir -p $(@D)
	$(launcher)
	ln -sfn ../../agvm build/test/upgraded/agvm

build/test/upgraded/libagd.so: build/libagd.so
	cd go && CGO_ENABLED=1 go build $(GO_FLAGS) -buildmode=c-shared -o ../$@ ./cmd/libagd

# An installation of an agd without cgo: it has no library beside it. The file
# is its own, because agd looks beside its real path.
build/test/static/agd: build/agd-static build/agvm build/agd-vm-jail build/agvm-about build/agd-ab build/agd-localnet build/agd-devnet build/libagd-signals.so
	@mkdir -p $(@D)
	ln -sfn $(addprefix ../../,$(notdir $(filter-out $<,$^))) $(@D)/
	cp $< $@

# The release before IBC, for upgrades from it. It runs on this release's VM.
FORMER = 5db75bd995c5a9dcff0005619ab17283350838b8
FORMER_FLAGS = -ldflags "-s -w -X $(VERSION_PACKAGE).Name=agd -X $(VERSION_PACKAGE).AppName=agd -X $(VERSION_PACKAGE).Version=$(VERSION) -X $(VERSION_PACKAGE).Commit=$(FORMER)"
build/test/former/agd: build/agvm
	$(call say,building agd of commit $(FORMER); takes about four minutes)
	rm -rf build/test/former && mkdir -p build/test/former/src
	git archive $(FORMER) go | tar -x -C build/test/former/src
	ln -sfn ../../agvm build/test/former/agvm
	cp build/agd-vm-jail build/libagd-signals.so build/test/former/
	cd build/test/former/src/go && CGO_ENABLED=1 go build $(FORMER_FLAGS) -buildmode=c-shared -o ../../libagd.so ./cmd/libagd
	cd build/test/former/src/go && go build $(FORMER_FLAGS) -o ../../agd ./cmd/agd

build/test/codecpeer: $(GO_SOURCES)
	cd go/bridge && go build -o ../../build/test/codecpeer ./cmd/codecpeer

build/test/upstream-agd: $(wildcard test/upstream/agd/*.go) test/upstream/go.mod
	cd test/upstream && go build -o ../../build/test/upstream-agd ./agd

BENCH_SOURCES := $(call without-tests,$(shell find test/bench/peers go/bridge -name '*.go' -o -name 'go.*' -o -name '*.h'))

build/test/benchpeer: $(BENCH_SOURCES)
	cd test/bench/peers && go build -o ../../../build/test/benchpeer ./benchpeer

build/test/libwake.so: $(BENCH_SOURCES)
	cd test/bench/peers && CGO_ENABLED=1 go build -buildmode=c-shared -o ../../../build/test/libwake.so ./libwake

EXAMPLE_SOURCES := $(call without-tests,$(shell find examples go/bridge -name '*.go' -o -name 'go.mod' -o -name '*.h'))

.PHONY: example
example: examples/rules/build/rules examples/rules/build/librules.so examples/hello/build/hello examples/hello/build/libhello.so $(ADDON) $(SPLIT_ADDON) $(DIST) ## Build the examples

examples/rules/build/rules: $(EXAMPLE_SOURCES)
	cd examples/rules && go build -o build/rules ./cmd/rules

examples/rules/build/librules.so: $(EXAMPLE_SOURCES)
	cd examples/rules && CGO_ENABLED=1 go build -buildmode=c-shared -o build/librules.so ./cmd/librules

examples/hello/build/hello: $(EXAMPLE_SOURCES)
	cd examples/hello && go build -o build/hello .

examples/hello/build/libhello.so: $(EXAMPLE_SOURCES)
	cd examples/hello && CGO_ENABLED=1 go build -buildmode=c-shared -o build/libhello.so .

.PHONY: install
install: build $(CORE_BUNDLES) ## Install agd, its library and the VM under PREFIX (default /usr/local)
	tools/install.sh "$(DESTDIR)$(PREFIX)"

.PHONY: release release-image
release: build $(CORE_BUNDLES) ## Make a release in build/release: tarball, Debian package, checksums (docs/releases.md)
	npx tsx tools/release/main.ts
release-image: build $(CORE_BUNDLES) ## Make a release with a container image; needs root, mmdebstrap and buildah
	npx tsx tools/release/main.ts image

.PHONY: set-version tags
set-version: ## Give all packages and the changelog the version NEW, such as 0.2.0
	npx tsx tools/release/version.ts $(call quoted,$(NEW))
tags: ## Tag this commit as the release of its version: vVERSION and go/bridge/vVERSION (docs/releases.md)
	tools/release/tags.sh

.PHONY: agvm-package
agvm-package: $(AGVM_PACKAGE) ## Make the npm package of agvm for upstream's agd, ./build/agvm-VERSION-linux-ARCH.tgz (docs/upstream.md)

$(AGVM_PACKAGE): build/agd-vm-jail build/agvm $(ADDON) $(SPLIT_ADDON) $(BUNDLE) $(KERNEL_BUNDLES) docs/upstream.md $(wildcard tools/agvm-package/*.ts tools/install/*.ts packages/agvm/bin/*)
	$(call say,making the npm package of agvm)
	npx tsx tools/agvm-package/main.ts

$(ZIG_INSTALLED): tools/packages/requirements.txt
	python3 -m venv build/zig
	build/zig/bin/pip install --quiet --require-hashes --only-binary :all: --no-deps -r $<
	@touch $@

.PHONY: packages
packages: $(ADDON) $(SPLIT_ADDON) $(DIST) $(ZIG_INSTALLED) ## Make the bridge's npm packages in build/packages, with addons for Linux on x64 and arm64, glibc and musl
	$(call say,making the npm packages; the first time takes some minutes)
	ZIG_GLOBAL_CACHE_DIR=$(CURDIR)/build/zig/cache npx tsx tools/packages/main.ts build/packages $(ZIG)

.PHONY: api
api: $(NODE_MODULES) $(DIST) ## Make the API reference of the bridge's packages and Go module in build/api
	npx typedoc --options tools/packages/typedoc.json
	@mkdir -p build/api/go
	cd go/bridge && for package in $$(go list ./... | grep -vE '/(internal|cmd|bridgetest)(/|$$)'); do \
		go doc -all $$package >../../build/api/go/$$(basename $$package).txt; \
	done

.PHONY: schemas
schemas: $(NODE_MODULES) $(DIST) ## Generate go/vm/methods.json and protocol.md's tables from packages/agvm/src/schemas.ts
	npx tsx tools/schemas/main.ts

.PHONY: proto
proto: ## Generate Go code from go/proto
	go/proto/generate.sh

.PHONY: docs
docs: ## Generate the table of docs/conformance.md from the conformance cases
	npx tsx tools/cases/main.ts

##@ Check

.PHONY: test
test: build build-test $(SANITIZED_ADDONS) ## Everything that CI checks
	npx tsx tools/suites/main.ts all

.PHONY: test-long
test-long: build build-test build/test/static/agd packages ## What takes too long for CI: suites on other versions of Node.js, 1,000,000 messages each way, many kills, cosmovisor
	npx tsx tools/suites/main.ts long
	$(MAKE) test-memory test-chaos test-cosmovisor test-former test-ibc test-otel test-replay

.PHONY: test-inproc test-split test-split-shm
test-inproc: build build-test ## The conformance cases on the in-process backend
	AGD_BRIDGE=in-process npx ava 'test/conformance/**'
test-split: build build-test ## The conformance cases on the split backend
	AGD_BRIDGE=split npx ava 'test/conformance/**'
test-split-shm: build build-test ## The conformance cases on the split backend with shared memory
	AGD_BRIDGE=split-shm npx ava 'test/conformance/**'

.PHONY: test-release
test-release: release-image ## Install the release on a machine without a compiler, and run it in both modes; needs root
	npx ava 'test/release/**'

.PHONY: test-reproducible
test-reproducible: release ## Make the release again in another directory, and compare the bytes; takes ten minutes
	tools/release/reproduce.sh

.PHONY: test-memory
test-memory: build build-test ## Check that memory stays flat over 1,000,000 messages each way, on both backends (MEMORY_CALLS)
	MEMORY_CALLS=$(MEMORY_CALLS) npx ava 'test/memory/**'

.PHONY: test-addon-memory
test-addon-memory: build build-test $(SANITIZED_ADDONS) ## The addons under AddressSanitizer and LeakSanitizer
	npx tsx tools/sanitized/main.ts 'packages/bridge-inproc/test/**'
	AGD_BRIDGE=in-process npx tsx tools/sanitized/main.ts 'test/conformance/**'
	AGD_BRIDGE=split npx tsx tools/sanitized/main.ts 'test/conformance/**'
	AGD_BRIDGE=split-shm npx tsx tools/sanitized/main.ts 'test/conformance/**'

.PHONY: test-chaos
test-chaos: build ## Kill a validator CHAOS_KILLS times, and a node in its first block at each point (CHAOS_SEED repeats a run)
	CHAOS_HEIGHT_ONE=all CHAOS_KILLS=$(CHAOS_KILLS) npx ava --serial 'test/chaos/**'

# cosmovisor is built in a separate module, because it needs another SDK version.
build/test/cosmovisor:
	$(call say,building cosmovisor $(COSMOVISOR); the first time takes some minutes)
	@mkdir -p build/test/cosmovisor.mod
	cd build/test/cosmovisor.mod && rm -f go.mod go.sum && go mod init cosmovisor.build && \
		go get cosmossdk.io/tools/cosmovisor/cmd/cosmovisor@$(COSMOVISOR) && \
		go build -o ../cosmovisor cosmossdk.io/tools/cosmovisor/cmd/cosmovisor

.PHONY: test-cosmovisor
test-cosmovisor: build build/test/cosmovisor ## Upgrades with a real cosmovisor, in both modes
	npx ava test/lifecycle/upgrade.test.ts

# The relayer is built in a separate module, because it needs other versions of
# SDK and IBC.
build/test/rly:
	$(call say,building the relayer $(RELAYER); the first time takes some minutes)
	@mkdir -p build/test/relayer.mod
	cd build/test/relayer.mod && rm -f go.mod go.sum && go mod init relayer.build && \
		go get github.com/cosmos/relayer/v2@$(RELAYER) && \
		go build -o ../rly github.com/cosmos/relayer/v2

.PHONY: test-ibc
test-ibc: build build/test/rly ## Transfers and vats over IBC, between two chains of the two modes
	npx ava --serial 'test/ibc/**'

# The collector's own builder writes its program. The builder's go mod tidy would
# load what only tests of the parts need.
build/test/otelcol: test/telemetry/otelcol.yaml
	$(call say,building the OpenTelemetry Collector $(OTELCOL); the first time takes some minutes)
	rm -rf $@.mod && mkdir -p $(@D)
	go run go.opentelemetry.io/collector/cmd/builder@$(OTELCOL) --config $< --skip-get-modules --skip-compilation
	cd $@.mod && go mod init otelcol.build && \
		go get go.opentelemetry.io/collector/otelcol@$(OTELCOL) $$(sed -n 's/^ *- gomod: \(.*\) /\1@/p' $(CURDIR)/$<) && \
		go build -mod=mod -ldflags '-s -w' -o ../otelcol .

.PHONY: test-otel
test-otel: build build-test build/test/otelcol ## Spans of a node in both modes, received by a real OpenTelemetry Collector
	npx ava --serial 'test/telemetry/**'

.PHONY: test-replay
test-replay: build build-test ## Replays of 1,000 blocks and of the boot of Agoric's core, to the VM and to the chain, from traces of both modes
	npx ava --serial 'test/replay/**'

.PHONY: test-former
test-former: build build-test build/test/former/agd ## Upgrades of a chain that the release before IBC has made, in both modes
	npx ava test/lifecycle/former.test.ts

.PHONY: fuzz
fuzz: build/test/codecpeer $(DIST) ## Random inputs for the codecs (FUZZ_TIME=60s a Go target, FUZZ_RUNS=20000 a property)
	FUZZ_RUNS=$(FUZZ_RUNS) npx ava 'test/properties/**'
	cd go/bridge && for target in FuzzDecode FuzzFrames FuzzEncodeDecode; do \
		go test ./jsonrpc1 -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_TIME) -fuzzminimizetime 1s; \
	done

# BENCH_CASES is a regular expression; BENCH_SEED repeats the order of a run.
.PHONY: bench
bench: build $(addprefix build/test/,bridgepeer libbridgepeer.so benchpeer libwake.so) ## Measure upcalls and downcalls beside references and other RPC libraries, stores, and the chain (BENCH_TIME, BENCH_ROUNDS, BENCH_MAX_ROUNDS, BENCH_CASES, BENCH_SEED, BENCH_BASE: an earlier commit to compare the calls with); docs/performance.md
	$(if $(BENCH_BASE),base=$$(tools/bench-base.sh '$(BENCH_BASE)') && BENCH_BASE_DIR=$$base) npx tsx test/bench/main.ts

.PHONY: bench-quick
bench-quick: ## The calls alone, in two minutes
	$(MAKE) --no-print-directory bench BENCH_TIME=30 BENCH_ROUNDS=5 BENCH_MAX_ROUNDS=8 BENCH_CASES='$(or $(BENCH_CASES),^(async )?(down|up)call)'

.PHONY: bench-soak
bench-soak: build ## Many blocks in a row in both modes: time of a block, memory and open descriptors at the start and at the end (SOAK_BLOCKS=10000)
	SOAK_BLOCKS=$(SOAK_BLOCKS) npx tsx test/bench/soak/main.ts

.PHONY: lint
lint: $(NODE_MODULES) $(DIST) ## Formatters, typescript-eslint, go vet, staticcheck
	npx tsx tools/suites/main.ts lint

.PHONY: format
format: $(NODE_MODULES) ## Format the sources
	npx prettier --write --log-level warn .
	gofmt -w $$(git ls-files '*.go')

##@ Other

.PHONY: clean
clean: ## Remove build output, but not a Node.js that tools/node.sh downloaded
	rm -rf $(filter-out build/node,$(wildcard build/* build/.[!.]*)) packages/*/dist packages/agvm/bundle packages/agvm/kernel-bundles packages/*/build packages/*/include packages/*/LICENSE packages/create/template examples/*/dist examples/*/build test/jail/native/build

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-zA-Z0-9_\/ -]+:.*##/ {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
