#!/bin/sh
# Runs the national pool model and the same projection in vectorised numpy in
# turn, three times each, and prints the ratio of the best times. Needs numpy
# (Debian: python3-numpy). DRAWS and YEARS may be set.
set -eu
cd "$(dirname "$0")/../.."
draws=${DRAWS:-1000}
years=25
python=${PYTHON:-/usr/bin/python3}
if ! "$python" -c 'import numpy' 2>/dev/null; then
	echo "numpy is not here: apt-get install python3-numpy" >&2
	exit 1
fi
binary=$(mktemp)
trap 'rm -f "$binary"' EXIT
go test -c -o "$binary" ./engine/demography
ours= theirs=
for round in 1 2 3; do
	for workers in 1 2; do
		line=$("$binary" -test.run '^$' -test.benchtime 1x -test.bench "NationalPool/draws=$draws/units=290/years=25/workers=$workers\$" | grep ns/op)
		seconds=$(echo "$line" | awk '{ for (i = 2; i <= NF; i++) if ($i == "ns/op") printf "%.3f", $(i-1) / 1e9 }')
		echo "round $round: kommunpilot, $workers worker(s): $seconds s"
		[ "$workers" = 2 ] && ours="$ours $seconds"
	done
	answer=$("$python" bench/demography/pool.py "$draws" "$years")
	echo "round $round: numpy: ${answer% *} s (draws in blocks of ${answer#* })"
	theirs="$theirs ${answer% *}"
done
echo "$ours|$theirs" | awk -F'|' '
	function best(s,  a, n, i, m) { n = split(s, a, " "); m = a[1]; for (i = 2; i <= n; i++) if (a[i] + 0 < m + 0) m = a[i]; return m }
	{ printf "best: kommunpilot %.3f s, numpy %.3f s, ratio %.1f\n", best($1), best($2), best($2) / best($1) }'
