#!/bin/sh
# A private PostgreSQL server for the tests, on a free port of the loopback.
#
#   postgres.sh start FOLDER   makes a server in the folder and prints its address
#   postgres.sh stop FOLDER    stops it
#   postgres.sh again FOLDER   starts it anew, at the same address
#
# PostgreSQL does not run as root: root runs it as the user nobody, who must
# be able to reach the folder.
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
if [ -z "$bin" ]; then
	initdb=$(command -v initdb) || { echo "postgres.sh: PostgreSQL is not installed; on Debian: apt-get install postgresql" >&2; exit 1; }
	bin=$(dirname "$initdb")
fi
folder=$2

as_server() {
	if [ "$(id -u)" = 0 ]; then
		(cd "$folder" && setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$folder" LC_ALL=C.UTF-8 "$@")
	else
		(cd "$folder" && LC_ALL=C.UTF-8 "$@")
	fi
}

up() { as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -s -w -t 30 start >/dev/null 2>&1; }

case $1 in
start)
	mkdir -p "$folder"
	chmod 0755 "$folder"
	if [ "$(id -u)" = 0 ]; then chown nobody:nogroup "$folder"; fi
	password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	echo "$password" >"$folder/password"
	as_server "$bin/initdb" -D "$folder/data" -U kommunpilot -A scram-sha-256 --pwfile="$folder/password" -E UTF8 --no-sync >/dev/null
	for try in 1 2 3 4 5 6 7 8; do
		port=$(shuf -i 20000-32000 -n 1)
		cat >"$folder/data/postgresql.auto.conf" <<-CONF
			listen_addresses = '127.0.0.1'
			port = $port
			unix_socket_directories = ''
			max_connections = 200
			fsync = off
			synchronous_commit = off
			full_page_writes = off
			max_locks_per_transaction = 256
		CONF
		if up; then
			echo "postgres://kommunpilot:$password@127.0.0.1:$port/postgres?sslmode=disable"
			exit 0
		fi
	done
	echo "postgres.sh: the server did not start, try $try:" >&2
	cat "$folder/log" >&2
	exit 1
	;;
stop) as_server "$bin/pg_ctl" -D "$folder/data" -s -m "${3:-fast}" -w stop ;;
again) up ;;
*)
	sed -n '2,9p' "$0" >&2
	exit 2
	;;
esac
