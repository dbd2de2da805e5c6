#!/bin/sh
# Measures the knowledge bank's search beside the databases' own full-text search,
# on SQLite and, where DATABASE names an empty PostgreSQL database, there. ENTRIES
# is how many documents (100 000).
set -eu
cd "$(dirname "$0")/../.."
for database in "" ${DATABASE:-}; do
	DATABASE=$database go test -run '^$' -bench Bank -benchtime 1x -timeout 60m ./area/knowledge/index
done
