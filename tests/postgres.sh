#!/usr/bin/env bash
# Starts a private PostgreSQL for the tests, in a folder of its own. It is removed when the process that requested it ends.
#
#     postgres.sh start PORT PID    prints the folder; the server stops when process PID ends
#     postgres.sh database FOLDER NAME
#     postgres.sh stop FOLDER
#     postgres.sh pause FOLDER      the server stops, its data stay
#     postgres.sh resume FOLDER
#     postgres.sh encrypt FOLDER    from now on it accepts encrypted connections only, as "localhost", certified by FOLDER/authority.pem
#
# If PostgreSQL is missing, it is installed from Debian's packages, which needs root. If that fails, the script fails, and the
# caller reports that the tests with PostgreSQL were skipped.
set -euo pipefail

# PostgreSQL refuses to run as root.
as_owner() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

programs() {
  local found
  found=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -1)
  [ -n "$found" ] || found=$(dirname "$(command -v initdb || echo /nowhere/initdb)")
  [ -x "$found/initdb" ] && echo "$found"
}

install() {
  programs > /dev/null && return
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || { echo "PostgreSQL is not installed" >&2; return 1; }
  exec 8> /tmp/zhaoren-postgres-install.lock
  flock 8
  programs > /dev/null && return
  # The package would otherwise create and start a cluster of its own.
  mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update && apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold postgresql; } \
    > /dev/null 2>&1 || { echo "PostgreSQL cannot be installed" >&2; return 1; }
  exec 8>&-
}

run() {
  as_owner "$(programs)/pg_ctl" -D "$1/data" -l "$1/log" -w -t 60 start > /dev/null
}

case "${1:-}" in
  start)
    install
    folder=$(mktemp -d /tmp/zhaoren-postgres.XXXXXX)
    [ "$(id -u)" != 0 ] || chown postgres "$folder"
    cd "$folder"
    as_owner "$(programs)/initdb" -D "$folder/data" -U zhaoren -A trust -E UTF8 --locale=C --no-sync > /dev/null
    as_owner tee -a "$folder/data/postgresql.conf" > /dev/null << CONFIG
listen_addresses = '127.0.0.1'
port = $2
unix_socket_directories = '$folder'
fsync = off
CONFIG
    run "$folder"
    (
      while kill -0 "$3" 2> /dev/null; do sleep 1; done
      [ ! -d "$folder" ] || "$0" stop "$folder"
    ) > /dev/null 2>&1 < /dev/null &
    echo "$folder"
    ;;
  database)
    cd "$2"
    as_owner "$(programs)/createdb" -h "$2" -p "$(sed -n 4p "$2/data/postmaster.pid")" -U zhaoren "$3"
    ;;
  stop | pause)
    cd "$2"
    as_owner "$(programs)/pg_ctl" -D "$2/data" -m immediate -w stop > /dev/null || true
    [ "$1" = pause ] || rm -rf "$2"
    ;;
  encrypt)
    cd "$2"
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=test authority" -keyout authority.key -out authority.pem 2> /dev/null
    openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout server.key -out server.csr 2> /dev/null
    openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -out server.pem \
      -extfile <(echo "subjectAltName = DNS:localhost") 2> /dev/null
    [ "$(id -u)" != 0 ] || chown postgres server.key server.pem
    chmod 600 server.key
    as_owner tee -a data/postgresql.conf > /dev/null << CONFIG
ssl = on
ssl_cert_file = '$2/server.pem'
ssl_key_file = '$2/server.key'
CONFIG
    as_owner sed -i 's/^host /hostssl /' data/pg_hba.conf
    as_owner "$(programs)/pg_ctl" -D data reload > /dev/null
    ;;
  resume)
    cd "$2"
    run "$2"
    ;;
  *)
    sed -n '2,14p' "$0"
    exit 2
    ;;
esac
