#!/bin/bash
# Everything that must hold before a change is merged. Installs what is
# missing on Debian, starts a private PostgreSQL on the loopback, and stops it
# whatever happens. May be run again and again.
set -euo pipefail
cd "$(dirname "$0")/.."

GOLANGCI_VERSION=v2.15.0
export CGO_ENABLED=0
failed=()
started=$SECONDS

say() { printf '\n== %s (%d s)\n' "$*" $((SECONDS - started)); }

# install NAME... installs the Debian packages that are missing.
install() {
	local missing=() p
	for p in "$@"; do
		dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$p")
	done
	if [ ${#missing[@]} = 0 ]; then return; fi
	if ! command -v apt-get >/dev/null; then
		echo "make test needs these programs (their Debian names): ${missing[*]}. Install them and try again." >&2
		exit 1
	fi
	local sudo=()
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || { echo "make test needs ${missing[*]}. As root: apt-get install ${missing[*]}" >&2; exit 1; }
		sudo=(sudo)
	fi
	echo "installing ${missing[*]}"
	"${sudo[@]}" apt-get update -qq
	# The tests run a server of their own: no cluster at installation.
	if [[ " ${missing[*]} " == *" postgresql "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
		"${sudo[@]}" mkdir -p /etc/postgresql-common
		echo 'create_main_cluster = false' | "${sudo[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
	fi
	"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		-o Dpkg::Options::=--force-confold "${missing[@]}" >/dev/null
}

# step NAME COMMAND... runs a check and remembers whether it held.
step() {
	local name=$1
	shift
	say "$name"
	if ! "$@"; then failed+=("$name"); fi
}

lint() {
	local bin="${XDG_CACHE_HOME:-$HOME/.cache}/kommunpilot/golangci-lint-$GOLANGCI_VERSION"
	if [ ! -x "$bin/golangci-lint" ]; then
		echo "building golangci-lint $GOLANGCI_VERSION, once"
		mkdir -p "$bin"
		(cd /tmp && GOBIN="$bin" GOFLAGS= go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$GOLANGCI_VERSION")
	fi
	"$bin/golangci-lint" run --timeout 5m ./...
}

# fresh says whether the generated pages are those of their sources. They are
# generated folder by folder, as their authors do.
fresh() {
	local folder new
	for folder in $(git ls-files -- '*.templ' | xargs -r -n1 dirname | sort -u); do
		go tool templ generate -log-level error -path "$folder" || return 1
	done
	git diff --stat --exit-code -- '*_templ.go' || {
		echo "these generated pages are old: go tool templ generate -path <folder>, and commit" >&2
		return 1
	}
	new=$(git ls-files --others --exclude-standard -- '*_templ.go')
	[ -z "$new" ] || { echo "these generated pages are not committed: $new" >&2; return 1; }
}

assets() {
	if [ -d cmd/assets ]; then go run ./cmd/assets -check; fi
}

tests() { go test -p 2 -timeout 20m ./... 2>&1 | tee "$folder/go-test.txt"; }

install postgresql chromium python3-aiosmtpd glpk-utils libxml2-utils poppler-utils libreoffice-writer-nogui libreoffice-calc-nogui

folder=$(mktemp -d)
chmod 0755 "$folder"
finish() {
	code=$?
	trap - EXIT INT TERM
	scripts/postgres.sh stop "$folder/postgres" immediate >/dev/null 2>&1 || true
	rm -rf "$folder"
	exit $code
}
trap finish EXIT
trap 'exit 130' INT TERM

say "PostgreSQL"
KOMMUNPILOT_TEST_POSTGRES=$(scripts/postgres.sh start "$folder/postgres")
export KOMMUNPILOT_TEST_POSTGRES KOMMUNPILOT_REQUIRE_BROWSER=1 KOMMUNPILOT_REQUIRE_SMTP=1 KOMMUNPILOT_REQUIRE_XMLLINT=1 KOMMUNPILOT_REQUIRE_OFFICE=1
echo "a private server runs"

step "generated pages" fresh
step "built files" assets
step "go vet" go vet ./...
step "golangci-lint" lint
step "go test" tests

# The tests' own lines once more, so that they stand last.
say "go test said"
grep -E '^(ok|FAIL|---|panic:|\?)' "$folder/go-test.txt" | grep -v 'no test files' || true
if [ ${#failed[@]} -gt 0 ]; then
	printf '\nFAILED: %s\n' "${failed[*]}" >&2
	exit 1
fi
printf '\nAll checks hold, in %d seconds.\n' $((SECONDS - started))
