#!/bin/sh
# Labels every node of a network with the nearest of a hundred sites, by us and by
# others in turn on the same graph, and prints the times and the ratios.
#
#   bench/access/run.sh FILE.roads ...     (made by "kommunpilot roads build --profile ref_car")
#
# Peers: scipy (Debian: python3-scipy), and pgRouting (postgresql-15-pgrouting) where
# PGROUTING names a database that one may make tables in. pgRouting 3.4.2 gives too
# long ways for some nodes: it is timed, and its sum is shown.
set -eu
cd "$(dirname "$0")/../.."
python=${PYTHON:-/usr/bin/python3}
if ! "$python" -c 'import scipy' 2>/dev/null; then
	echo "scipy is not here: apt-get install python3-scipy" >&2
	exit 1
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
go build -o "$folder/kommunpilot" ./cmd/kommunpilot
field() { sed -n "s/^ *\"$1\": \([0-9.]*\),*$/\1/p" "$2"; }
for roads in "$@"; do
	"$folder/kommunpilot" access export-graph --roads "$roads" --out "$folder/graph"
	ours= sweep= scipy= routing=
	for round in 1 2 3; do
		"$folder/kommunpilot" access bench --roads "$roads" --json >"$folder/ours.json"
		ours="$ours $(field search_ms "$folder/ours.json")"
		sweep="$sweep $(field sweep_ms "$folder/ours.json")"
		"$python" bench/access/nearest.py "$folder/graph" >"$folder/scipy.txt"
		read -r ms sum <"$folder/scipy.txt"
		scipy="$scipy $ms"
		if [ "$sum" != "$(field sum_d1 "$folder/ours.json")" ]; then
			echo "$roads: scipy's sum is $sum, ours $(field sum_d1 "$folder/ours.json")" >&2
			exit 1
		fi
		if [ -n "${PGROUTING:-}" ]; then
			psql -q "$PGROUTING" >/dev/null <<-SQL
				set client_min_messages = warning;
				create extension if not exists postgis; create extension if not exists pgrouting;
				drop table if exists bench_edge, bench_site;
				create table bench_edge(id bigint primary key, source bigint, target bigint, cost float8);
				create table bench_site(node bigint primary key);
				\\copy bench_edge from '$folder/graph/edges.csv' csv
				\\copy bench_site from '$folder/graph/facilities.txt'
				analyze bench_edge;
			SQL
			psql -qAt "$PGROUTING" -c '\timing on' -c "select sum(agg_cost)::bigint from pgr_drivingDistance('select id, target as source, source as target, cost from bench_edge', (select array_agg(node) from bench_site), 1e9, true, true)" >"$folder/pg.txt"
			routing="$routing $(sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' "$folder/pg.txt")"
		fi
	done
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$(basename "$roads")" "$(field nodes "$folder/ours.json")" "$ours" "$sweep" "$scipy" "$routing" "$(field sum_d1 "$folder/ours.json")" | awk -F'\t' '
		function best(s,  a, n, i, m) { n = split(s, a, " "); if (!n) return 0; m = a[1] + 0; for (i = 2; i <= n; i++) if (a[i] + 0 < m) m = a[i] + 0; return m }
		{ o = best($3); w = best($4); s = best($5); p = best($6)
		  printf "%s: %d nodes, sum %s\n  search %.2f ms, sweep %.2f ms\n  scipy %.1f ms: %.0f and %.0f times\n", $1, $2, $7, o, w, s, s/o, s/w
		  if (p) printf "  pgRouting %.0f ms: %.0f and %.0f times\n", p, p/o, p/w }'
done
