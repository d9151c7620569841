# What the commands of ./dev share: tools, packages, Node, the builds. Sourced with the repository's root as current folder.
# shellcheck shell=bash

BUILD_PACKAGES=(
  clang-19 clang-tidy-19 clang-format-19 lld-19 libclang-rt-19-dev llvm-19 mold ccache ninja-build cmake pkg-config
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libsqlite3-dev libsodium-dev libseccomp-dev libsystemd-dev bubblewrap libfmt-dev
  libjemalloc-dev libspdlog-dev libcli11-dev libyaml-cpp-dev libgtest-dev libgmock-dev libbenchmark-dev
  zlib1g-dev libbrotli-dev libsrtp2-dev libusrsctp-dev brotli
  libcurl4-openssl-dev libcairo2-dev libpango1.0-dev fonts-dejavu-core fonts-noto-core
  libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libswresample-dev ffmpeg git ca-certificates curl procps)
readonly BUILD_PACKAGES

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf '%s\n' "$*" >&2 && exit 1; }

# --- Debian packages: only what is missing, so that a second run touches nothing and needs no network. ---

missing_packages() {
  comm -13 <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | sed -n 's/ installed$//p' | sort -u) \
    <(printf '%s\n' "$@" | sort -u)
}

as_root() {
  if ((EUID == 0)); then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "these packages are missing and there is neither root nor sudo to install them: $*"
  fi
}

require_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || die "install these first (this is not Debian): ${missing[*]}"
  say "Installing ${missing[*]}"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  as_root "${apt[@]}" update >&2
  as_root "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2
}

# --- Node: the system's if it is new enough for Vite 8, else Node 22 with npm 11 from the npm registry. ---

node_is_new_enough() {
  command -v npm >/dev/null && command -v node >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number)
    process.exit(major >= 22 || (major === 20 && minor >= 19) ? 0 : 1)'
}

require_node() {
  node_is_new_enough && return 0
  command -v npm >/dev/null || require_packages nodejs npm
  node_is_new_enough && return 0
  local node
  node="$(tools/dev/node22.sh)"
  PATH="$(dirname "$node"):$PWD/.cache/node/node_modules/.bin:$PATH"
  export PATH
}

# npm ci, but only when the lock file changed since the last time; one at a time.
npm_ci() {
  local folder="$1"
  (
    flock 9
    cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed" && exit 0
    say "Installing the npm packages of $folder"
    npm_install_locked "$folder" && cp "$folder/package-lock.json" "$folder/node_modules/.installed"
  ) 9>"$(lock_file npm)"
}

# A mirror may lack the native parts of other platforms (`Missing: @oxlint/binding-darwin-x64@`, with no version, because
# there is nothing to lock): npm ci refuses those, npm install goes by the same lock file and leaves them out.
npm_install_locked() {
  local folder="$1" flags=(--ignore-scripts --no-audit --no-fund --loglevel=error) log
  log="$(npm ci --prefix "$folder" "${flags[@]}" 2>&1)" && return 0
  if grep -qE 'Missing: .*@ from lock file' <<<"$log" && ! grep -qE 'Missing: .*@[0-9]|Invalid: ' <<<"$log"; then
    npm install --prefix "$folder" --no-save "${flags[@]}" >&2
  else
    printf '%s\n' "$log" >&2
    return 1
  fi
}

lock_file() { mkdir -p .cache && echo ".cache/$1.lock"; }

# --- Builds ---

web_inputs() {
  find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum
}

# web/dist goes into the binary; built again only when something in web/ changed.
build_web() {
  [[ -f web/package.json ]] || return 0
  npm_ci web
  (
    flock 9
    local inputs
    inputs="$(web_inputs)"
    [[ -f web/dist/index.html && "$(cat .cache/web.stamp 2>/dev/null)" == "$inputs" ]] && exit 0
    say "Building the dashboard"
    npm run --prefix web --silent build >&2 && echo "$inputs" >.cache/web.stamp
  ) 9>"$(lock_file web)"
}

configure() {
  require_packages "${BUILD_PACKAGES[@]}"
  cmake --preset "$1" >/dev/null
}

# build PRESET [TARGET…]
build() {
  local preset="$1"
  shift
  require_packages "${BUILD_PACKAGES[@]}"
  require_node
  build_web
  configure "$preset"
  say "Building $preset"
  cmake --build --preset "$preset" -j2 --target "${@:-all}" >&2
}

# Executables of a build folder whose name matches, for benchmarks and fuzzers.
executables() {
  find "$1" -type f -executable -name "$2" -not -path '*/CMakeFiles/*' 2>/dev/null | sort
}
