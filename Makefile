# The commands of the house. `make help` lists them.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# What the tests run besides Go, by the names of Debian's packages. npm is for the provider's SDK, and brings Node; prometheus
# brings promtool, which tries the alerts.
PROGRAMS := postgresql redis-server haproxy chromium npm prometheus
FUZZTIME ?= 20s
SEED     ?= 1

# The linter is pinned in a module of its own, so that its hundreds of modules stay out of ours.
LINTER := go tool -modfile=lint/go.mod golangci-lint

# Every test run is alone in the world: with a temporary folder of its own, which is gone afterwards,
# and without the caller's settings. Root's PostgreSQL runs as another user, to whom the caller's
# folder may be closed, hence /tmp. A server that is just ending may write while its folder is
# removed, hence twice.
ALONE = unset $${!PIGA_@}; \
	if [ "$$(id -u)" = 0 ]; then export TMPDIR=/tmp; fi; \
	TMPDIR=$$(mktemp -d); export TMPDIR; chmod 755 "$$TMPDIR"; \
	trap 'rm -rf "$$TMPDIR" 2>/dev/null || { sleep 1; rm -rf "$$TMPDIR"; }' EXIT; \
	trap 'exit 130' HUP INT TERM; \
	export GOLANGCI_LINT_CACHE="$$(go env GOCACHE)/golangci-lint"

# The folders of tests that contain $(1).
packages-with = grep -rlE --include='*_test.go' $(1) . | xargs -r -n1 dirname | sort -u

.PHONY: help run test lint golden fuzz soak torture bench bench-large bench-go programs

help: ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/make \1\t\2/p' Makefile | expand -t 18

run: ## everything set up and running; says where to point a browser and who is there
	@go build -o bin/piga ./cmd/piga && exec bin/piga dev

test: programs ## all tests, then the linters; installs the servers that they need where that is possible
	@$(ALONE); \
	go vet ./...; \
	go test -race -shuffle=on -count=1 -timeout 14m ./...; \
	$(LINTER) run

lint: ## the linters alone; `make lint FIX=--fix` formats, too
	@$(ALONE); $(LINTER) run $(FIX)

golden: ## write the answers of today into the dialogues and tables; then read the diff
	@$(ALONE); go test -count=1 $$($(call packages-with,'cockroachdb/datadriven')) -rewrite

fuzz: ## each fuzz test for FUZZTIME, by default 20s
	@$(ALONE); \
	for dir in $$($(call packages-with,'^func Fuzz')); do \
		for name in $$(grep -hoE '^func Fuzz[[:alnum:]_]*' "$$dir"/*_test.go | cut -c6-); do \
			echo "$$dir $$name"; \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x "$$dir"; \
		done; \
	done

soak: programs ## 10,000 calls by people on errands while everything around them is hostile, and a table; SEED=2 for others; some 4 minutes
	@$(ALONE); go run ./cmd/piga sandbox soak --calls 10000 --seed $(SEED)

torture: programs ## calls on three gateways while everything dies under them, and a table of what the callers saw; SEED=2 for another script; 14 minutes
	@$(ALONE); go run ./torture -seed $(SEED)

bench: programs ## the ledger and the gateway against what the machine can do: a table, and bench.json; 10 minutes
	@$(ALONE); go run ./bench

bench-large: programs ## the same sends among 5 million accounts and 50 million entries; takes 20 GB for a while
	@$(ALONE); go run ./bench -large -json bench-large.json

bench-go: ## each benchmark of a package
	@$(ALONE); go test -run '^$$' -bench . -benchmem $$($(call packages-with,'^func Benchmark'))

# Installs what is missing, for root on Debian; else says what is. Debian keeps PostgreSQL's server off
# the PATH. Without it, tests that need it download it; without another program, tests are skipped.
programs:
	@missing=(); \
	for p in $(PROGRAMS); do \
		case $$p in \
		postgresql) command -v postgres || ls /usr/lib/postgresql/*/bin/postgres ;; \
		haproxy) command -v haproxy || ls /usr/sbin/haproxy ;; \
		prometheus) command -v promtool ;; \
		chromium) command -v chromium || command -v chromium-browser || command -v google-chrome ;; \
		*) command -v "$$p" ;; \
		esac >/dev/null 2>&1 || missing+=("$$p"); \
	done; \
	if [ $${#missing[@]} = 0 ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing $${missing[*]}"; \
		sh store/local/install.sh "$${missing[@]}" || echo "could not install $${missing[*]}"; \
	else \
		echo "missing: $${missing[*]}; install it with the system's packages"; \
	fi
