# `make run` and `make test` do all the set-up on a fresh Debian 12; docs/operations.md tells the rest.
.PHONY: run test check bench

run:
	@bin/setup run
	@exec .venv/bin/python -m network_portal run

test:
	@exec bin/test $(ARGS)

check:
	@exec bin/check

bench:
	@exec bin/bench $(ARGS)
