#!/bin/sh
# Runs the selection engine and glpsol in turn on the same model and prints the
# ratio, then the engine's own benchmarks. Needs glpsol (Debian: glpk-utils).
set -eu
cd "$(dirname "$0")/../.."
BENCH_SELECT=1 go test -count=1 -run TestRatioToGLPK -v ./engine/selection | grep -v '^=== '
go test -run '^$' -bench 'Best290|Leximin290' -benchtime 3x ./engine/selection | grep Benchmark
