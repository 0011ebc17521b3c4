# Run by `sh -c`, with the folder of PostgreSQL's programs as its argument. Talks by standard input and output.
bin=$1
# An interrupt of the tests reaches this shell too; it ends by the end of its input, so that nothing is left behind.
trap '' INT TERM HUP QUIT
folder=$(mktemp -d /tmp/sanggan-pg-XXXXXX) || exit 1
log=$folder/log
# The server refuses to be root.
if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$folder"
    as() { runuser -u postgres -- "$@"; }
else
    as() { "$@"; }
fi
# Nothing of these bases outlives the tests, so nothing waits for the disk.
options="-k $folder -c listen_addresses='' -c fsync=off -c full_page_writes=off \
-c max_connections=300 -c shared_buffers=64MB -c autovacuum=off -c jit=off"
start() { as "$bin/pg_ctl" -D "$folder/data" -l "$log" -w -t 60 -o "$options" start >/dev/null 2>&1 </dev/null; }
stop() { as "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 </dev/null; }
psql() { "$bin/psql" -X -q -v ON_ERROR_STOP=1 -U postgres -h "$folder" "$@" >>"$folder/psql" 2>&1 </dev/null; }
end() {
    stop
    rm -rf "$folder"
    exit 0
}

as "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
    --no-instructions >"$folder/initdb" 2>&1 </dev/null
if start && psql -d postgres -c 'CREATE DATABASE base' && psql -d base -c 'CREATE EXTENSION postgis'; then
    echo "ready $folder"
else
    tail -n 3 "$folder/initdb" "$log" "$folder/psql" 2>/dev/null | tr '\n' ' '
    echo
    end
fi
while read -r order; do
    case $order in
    start) start && echo done || echo failed ;;
    stop) stop && echo done || echo failed ;;
    esac
done
end
