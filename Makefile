# `make` alone lists the targets; the text after ## is their description.
.DEFAULT_GOAL := help
.PHONY: help run build test test-long bench lint generate fuzz release screenshots clean FORCE

# Everything is pure Go: no C compiler is needed, and the binary runs anywhere.
export CGO_ENABLED = 0

# make test PKG=./internal/store/... tests a part. The packages that take longest come
# first, so that none of them is left alone at the end.
PKG ?= ./cmd/premia ./internal/web ./internal/web/till ./internal/app ./internal/reliability ./internal/web/portal ./internal/api ./internal/store ./internal/core/program ./...
# One package more than there are processors, since some wait for a disk or a clock.
PACKAGES ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))
# How long each fuzz target runs.
FUZZTIME ?= 60s
# Which benchmarks run, as a regular expression.
BENCH ?= .

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build and start the demo on http://localhost:8080
	bin/premia demo

build: bin/premia ## build bin/premia

bin/premia: FORCE
	go build -trimpath -o $@ ./cmd/premia

bin/throwaway: FORCE
	@go build -o $@ ./internal/testkit/postgres/cmd/throwaway

# Tests collect garbage as seldom as a server does, while there is memory.
test test-long: export GOGC ?= 400
test test-long: export GOMEMLIMIT ?= 2GiB

test: bin/throwaway ## run all tests, on PostgreSQL too where it can be had
	@scripts/setup-test.sh
	@scripts/lint.sh
	@bin/throwaway -- go test -count=1 -vet=off -p $(PACKAGES) -timeout 9m $(PKG)

test-long: export PREMIA_LONG = 1
test-long: bin/throwaway ## run all tests with their long modes, which takes hours
	@scripts/setup-test.sh
	@scripts/lint.sh
	@bin/throwaway -- go test -count=1 -vet=off -timeout 12h $(PKG)

bench: bin/throwaway ## measure speed against raw baselines, on durable databases
	@scripts/setup-test.sh
	@bin/throwaway -durable -- go run ./bench -run '$(BENCH)'
	@echo; echo "in one process, with what they are compared to:"
	@go test -run '^$$' -bench '$(BENCH)' -benchmem ./internal/core/engine ./internal/core/condition ./internal/insight/simulate | grep -E '^(Benchmark|ok|FAIL|---)'

lint: ## check formatting and run go vet
	@scripts/lint.sh

generate: ## make generated files anew
	go generate ./...

fuzz: ## run every fuzz target for FUZZTIME (60s unless said)
	@scripts/fuzz.sh $(FUZZTIME)

release: ## build the archives of a release: make release VERSION=v1.2.3
	@scripts/release.sh "$(VERSION)"

screenshots: ## take the pictures of the documentation anew, with Chromium
	go test ./cmd/premia -count=1 -run TestPictures -pictures docs/pictures

clean: ## remove what was built
	rm -rf bin dist

FORCE:
