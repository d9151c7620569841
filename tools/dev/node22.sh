#!/usr/bin/env bash
# Prints the path of a Node 22, or with arguments runs it; installs it into .cache/node on demand. The conformance suite needs it always,
# the rest where the system's Node is older than 20.19. Any npm can do this, Debian's too.
set -euo pipefail
root="$(readlink -f "$(dirname "$(readlink -f "$0")")/../..")"

install() (
  cd "$root"
  mkdir -p .cache/node
  exec 9>.cache/node.lock
  flock 9
  cmp -s tools/dev/node/package-lock.json .cache/node/node_modules/.installed && exit 0
  command -v npm >/dev/null || { echo "node22.sh needs npm (./dev build installs it)" >&2 && exit 1; }
  cp tools/dev/node/package.json tools/dev/node/package-lock.json .cache/node/
  npm ci --prefix .cache/node --ignore-scripts --no-audit --no-fund --loglevel=error >&2
  cp tools/dev/node/package-lock.json .cache/node/node_modules/.installed
)

install
node="$(compgen -G "$root/.cache/node/node_modules/node-linux-*/bin/node")" || { echo "npm has no Node 22 for $(uname -m)" >&2 && exit 1; }
(($# == 0)) || exec "$node" "$@"
echo "$node"
