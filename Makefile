# Amends: what can be done with a checkout. `make` lists it.

GO ?= go
TOOL = $(GO) tool -modfile=.ci/tools/go.mod
BIN = bin/amends
SHARED = ../shared

.PHONY: help build test unit check vulnerabilities install demo bench soak generate model clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build bin/amends.
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN) ./cmd/amends

demo: build ## Run the fictional brand: no keys, no network.
	$(BIN) demo

test: check install unit ## Check, install what the tests need where that is allowed, run everything.

unit: ## Run the tests.
	.ci/unit

check: ## Format, vet, modernise, lint, look for known vulnerabilities.
	.ci/check

install: ## Install what the tests need, where it may be installed.
	.ci/install

bench: ## Compare speeds; each benchmark compares within one run.
	$(GO) test -run '^$$' -bench . -benchmem ./...

soak: ## What takes hours: power cuts, traffic. AMENDS_SOAK=short is what CI runs.
	.ci/soak

generate: ## Make what is generated: the configuration's schema, the API's document.
	$(GO) generate ./...

model: ## Train the shipped model again from ../shared/data; its hash must not change.
	$(GO) run ./classifiers/linear/internal/makemodel -data $(SHARED)/data -out classifiers/linear/model.bin

clean: ## Remove what was built.
	rm -rf bin dist artefacts
