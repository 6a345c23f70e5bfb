# The collection's development tasks. `make demo` and `make test` do all their set-up.
# What the parts of the test suite run is in tests/tools/parts.sh.

PYTHON ?= python3
export PYTHON

READY := .build/venv/.complete
ENGINES := tests/tools/prerequisites.sh engines
REDIS := tests/tools/prerequisites.sh redis
PARTS := tests/tools/parts.sh

.PHONY: help demo demo-redis demo-opensearch test test-all unit interop lint build molecule faults faults-redis bench clean
.DEFAULT_GOAL := help

help:  ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY)  ## three real nodes from plaintext to mutual TLS, and the proof
	$(ENGINES)
	tests/tools/demo.sh

demo-redis: $(READY)  ## a real Redis cluster from plaintext to required TLS under writes, and the proof
	$(REDIS)
	tests/tools/demo-redis.sh

demo-opensearch: $(READY)  ## three real OpenSearch nodes from plaintext to full security under writes, and the proof
	$(ENGINES)
	tests/tools/demo-opensearch.sh

test: $(READY)  ## everything that has to pass before a change is taken
	$(ENGINES)
	$(REDIS)
	$(PARTS) unit interop ansible-lint sanity build molecule faults-short

test-all: $(READY)  ## the same, and what takes longer or needs another Python
	$(ENGINES)
	$(REDIS)
	$(PARTS) unit interop ansible-lint sanity sanity-nodes build molecule redis opensearch stack kibana takeover mixed versions systemd redis-versions faults faults-redis bench

unit: $(READY)  ## the unit tests
	$(PARTS) unit

interop: $(READY)  ## our files against the engines' own tools
	$(ENGINES)
	$(REDIS)
	$(PARTS) interop

lint: $(READY)  ## ansible-lint and ansible-test sanity
	$(PARTS) ansible-lint sanity

build: $(READY)  ## the tarball, installed and tried elsewhere
	$(PARTS) build

molecule: $(READY)  ## the scenarios on a real cluster
	$(ENGINES)
	$(REDIS)
	$(PARTS) molecule

faults: $(READY)  ## everything that can go wrong, done to a real cluster; writes docs/reliability.md
	$(ENGINES)
	$(PARTS) faults

faults-redis: $(READY)  ## a Redis playbook that dies at every task; writes its section of docs/reliability.md
	$(REDIS)
	$(PARTS) faults-redis

bench: $(READY)  ## measure, and write docs/performance.md
	$(ENGINES)
	$(REDIS)
	$(PARTS) bench

clean:  ## stop the lab and remove everything that these targets made
	tests/tools/clean.sh

$(READY): tests/requirements.txt tests/tools/venv.sh
	tests/tools/venv.sh
