# The doors of the workshop; "make help" lists them.

VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unreleased)
LINT     := bin/tools/golangci-lint-v2.15.0
FUZZTIME ?= 30s

.DEFAULT_GOAL := help
.PHONY: help run test build check lint bench bench-large torture fuzz clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing, build, and serve the demonstration marketplace until Ctrl-C
	@scripts/install postgresql
	@$(MAKE) --no-print-directory build
	@exec bin/bauta serve --demo

test: ## Install what is missing and run every test against a real PostgreSQL
	@scripts/install postgresql chromium curl npm chinese
	@go run scripts/test.go ./...

build: bin/bauta-verify.html ## Build bin/bauta, one static binary, and the page that verifies receipts
	@mkdir -p bin
	CGO_ENABLED=0 go build -trimpath -pgo=app/bauta.pgo -ldflags "-s -w -X main.version=$(VERSION)" -o bin/bauta ./app

bin/bauta-verify.html: go.mod go.sum $(wildcard app/verifier/* app/verifier/wasm/* broker/ledger/*.go masking/fault/*.go app/web/pages/assets/*)
	@mkdir -p bin
	go run ./app/verifier $@

check: lint ## Lint, vet, the plan of the packages, and every test
	go vet ./...
	go test -run 'TestArchitecture|TestMigrations|TestReveal' ./app
	@$(MAKE) --no-print-directory test

lint: $(LINT) ## Run the linter
	$(LINT) run ./...

# The linter is a tool of its own: its dependencies stay out of go.mod.
$(LINT):
	@mkdir -p bin/tools
	GOBIN="$(CURDIR)/bin/tools" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	@mv bin/tools/golangci-lint $@

bench: build ## Run the benchmarks and print the ratios
	@scripts/install postgresql
	go run ./app/bench

bench-large: build ## Measure on a ledger of 10 million entries (ENTRIES=n for another size); takes 20 GB in TMPDIR
	@scripts/install postgresql
	go run ./app/bench -only large $(if $(ENTRIES),-entries $(ENTRIES))

torture: ## Kill, cut, freeze, fill up and set clocks, at every step of a commit and between, 200 times (SEED=n repeats a run; ROUNDS=n BROKERS=n)
	@scripts/install postgresql
	go run ./app/bench -only torture $(if $(SEED),-seed $(SEED)) $(if $(ROUNDS),-rounds $(ROUNDS)) $(if $(BROKERS),-brokers $(BROKERS))

fuzz: ## Run every fuzz target for FUZZTIME each
	@scripts/fuzz $(FUZZTIME)

clean: ## Remove what was built; data directories stay
	rm -rf bin artefacts coverage
