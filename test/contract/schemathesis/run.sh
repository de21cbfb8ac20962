#!/usr/bin/env bash
# Runs schemathesis over `portfleet serve`, with scans that were made before, so that every operation has something to
# work on. To be run in a network namespace of its own: what it makes up as a target reaches nothing but loopback.
#   run.sh NODE COMMAND FOLDER
set -euo pipefail
node=$1 command=$2 folder=$3
here=$(cd "$(dirname "$0")" && pwd)
ip link set lo up
portfleet() { "$node" "$command" "$@" --data-dir "$folder"; }

for _ in 1 2 3 4; do portfleet scan 127.0.0.1 -p 1-9 --quiet >/dev/null; done
mapfile -t ids < <(portfleet list --format json | grep -o '[0-7][0-9A-HJKMNP-TV-Z]\{25\}' | uniq)
# Without the function around it: what is killed is to be the server, and not a shell that waits for it.
"$node" "$command" serve --port 0 --workers 1 --data-dir "$folder" >"$folder/serve.out" 2>&1 &
server=$!
trap 'kill "$server"; wait "$server" || true' EXIT
until token_file=$(ls "$folder"/serve-*.token 2>/dev/null) && grep -q 'http://' "$folder/serve.out"; do
  kill -0 "$server" && read -rt 0.05 <> <(:) || true
done
url=$(grep -o 'http://127[0-9.]*:[0-9]*' "$folder/serve.out" | head -1)
sed -e "s/SHOWN/${ids[0]}/; s/EARLIER/${ids[1]}/; s/DELETED/${ids[2]}/; s/CANCELLED/${ids[3]}/" \
  "$here/schemathesis.toml" >"$folder/schemathesis.toml"
cd "$folder"
schemathesis --config-file schemathesis.toml run "$url/openapi.json" --header "Authorization: Bearer $(cat "$token_file")" \
  --phases examples,coverage,fuzzing --max-examples 3 --continue-on-failure --no-color --warnings off
