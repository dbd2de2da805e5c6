# make run    build and serve on 127.0.0.1:8080 with the example programmes
# make test   install what the tests need, then run everything
# make build  only build, to ./bin/kommunpilot

VERSION := $(shell git describe --tags --always 2>/dev/null || echo dev)
export CGO_ENABLED := 0

.PHONY: run build test bench clean

run: build
	./bin/kommunpilot serve --example

build:
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/kommunpilot ./cmd/kommunpilot

test:
	./scripts/test.sh

bench:
	go run ./bench/load

clean:
	rm -rf bin build
