# What ./start and ./test share: getting the tools, and finding them. Sourced, in the repository root.
# Packages come from apt; what apt lacks or has too old goes into .tools/, pinned, from the npm registry.
# shellcheck shell=bash disable=SC2034,SC2016

# Versions and checksums of what goes into .tools/.
NODE_VERSION=22.23.3
NODE_SHA512_x64=a879f3e6d16c1e88ff58cfae4443558d638d8b9855be6c2b82af00e15efa2a9b95340738fa3c0af31e20c1ba1b13d06d1cd83f00a476e7cdde628acb17f73b9e
NODE_SHA512_arm64=9770c01d9adeca5a3ea7d4170edb0eae31b625726a5736179c01a621034e50d01170ca694ced9c99ec1540ffb7ead8c99d213e773a4c36d816f9cde8883bd7b4
NPM_VERSION=11.21.2
NPM_SHA512=ec73c0a64f807e53146af4ac78bd4f9ba0a762a3081e4e77c7e2a6ba1aa64c3a8f9233cc8312294cf713aac13dd4428dc3880504957d7e75e249d1a6d435eaf4
CHROMIUM_VERSION=153.0.0
CHROMIUM_SHA512=8e2196a92bcf31dbb8f8ff538a562a011ef21063c41c8371fa50af13f36a34efc41d8cc5ff1d615222394fa8a8548b7b744cbb9fcf1bcb24f4be4f9d9ec810c0
EMSDK_VERSION=4.0.10
# Of clang-format and clang-tidy, whose answers differ from version to version: one that all three distributions have.
LLVM=19

TOOLS=$PWD/.tools
export npm_config_update_notifier=false

say() { printf '%s\n' "$*"; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# ---- apt ------------------------------------------------------------------------------------------------------

can_apt() { has apt-get && { [ "$(id -u)" = 0 ] || has sudo; }; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Installs packages and shows of apt's output what tells of progress.
apt_install() {
  local log status=0
  log=$(mktemp)
  say "Installing with apt: $*"
  if [ -z "${apt_updated:-}" ]; then
    as_root apt-get update -qq >"$log" 2>&1 || status=$?
    apt_updated=yes
  fi
  if [ "$status" = 0 ]; then
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@" 2>&1 </dev/null |
      tee "$log" | { grep --line-buffered -E '^(Need to get|Fetched)' || true; } || status=$?
  fi
  if [ "$status" != 0 ]; then
    tail -n 30 "$log" >&2
    die "apt could not install: $*"
  fi
  rm -f "$log"
}

# ---- .tools/ --------------------------------------------------------------------------------------------------

# fetch PACKAGE VERSION SHA512 FOLDER: unpacks a package of the npm registry, checked.
fetch() {
  local registry=${npm_config_registry:-https://registry.npmjs.org} file
  file=$(mktemp)
  curl -fL --retry 3 --no-progress-meter -o "$file" "${registry%/}/$1/-/${1##*/}-$2.tgz" || die "could not download $1 $2"
  echo "$3  $file" | sha512sum --check --status || die "$1 $2 is not the file that was pinned"
  rm -rf "$4"
  mkdir -p "$4"
  tar -xzf "$file" -C "$4" --strip-components=1
  rm -f "$file"
}

arch() {
  case $(uname -m) in
    x86_64) echo x64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) die "no Node.js for $(uname -m) is pinned here: install Node.js 22 yourself" ;;
  esac
}

# What vite and eslint ask for.
node_new_enough() {
  has npm && has node && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19) ? 0 : 1)'
}

setup_node() {
  node_new_enough && return
  local cpu sha
  cpu=$(arch)
  sha=NODE_SHA512_$cpu
  say "Node.js on this machine: $(node --version 2>/dev/null || echo none); the page needs 20.19 or 22.13 with npm. Putting $NODE_VERSION into .tools/ (50 MB)"
  fetch "node-linux-$cpu" "$NODE_VERSION" "${!sha}" "$TOOLS/node"
  fetch npm "$NPM_VERSION" "$NPM_SHA512" "$TOOLS/node/lib/node_modules/npm"
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$TOOLS/node/bin/npm"
  ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$TOOLS/node/bin/npx"
  chmod +x "$TOOLS"/node/lib/node_modules/npm/bin/*.js
  use_tools
}

# Where nothing can be installed by apt (a hosting service's build image): what it takes to build the page.
# The C++ libraries CMake downloads itself.
setup_without_apt() {
  local package
  for package in "$@"; do
    case $package in
      cmake | ninja-build)
        say "No $package, and no root to install it: putting it into .tools/ from PyPI"
        python3 -m pip install --quiet --upgrade --target "$TOOLS/python" "${package%-build}"
        ;;
      emscripten)
        say "No Emscripten, and no root to install it: putting emsdk $EMSDK_VERSION into .tools/ (about 1 GB)"
        [ -d "$TOOLS/emsdk" ] || git clone -q --depth 1 --branch "$EMSDK_VERSION" https://github.com/emscripten-core/emsdk "$TOOLS/emsdk"
        "$TOOLS/emsdk/emsdk" install "$EMSDK_VERSION"
        "$TOOLS/emsdk/emsdk" activate "$EMSDK_VERSION"
        ;;
      nlohmann-json3-dev | libcli11-dev | catch2) ;;
      *) die "$package is missing: install it, or run this as root or with sudo on Debian 12, 13 or Ubuntu 24.04" ;;
    esac
  done
  use_tools
}

works() { "$1" --version 2>/dev/null | grep -qE '^(Chromium|Google Chrome)'; }

# Prints the browser for the page's tests. Ubuntu's chromium is a stub that wants snap, so it is asked, not believed.
browser() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable "$TOOLS/chromium/chromium"; do
    if [ -n "$name" ] && has "$name" && works "$name"; then
      command -v "$name"
      return
    fi
  done
  return 1
}

setup_browser() {
  browser >/dev/null && return
  if can_apt && grep -q '^ID=debian' /etc/os-release; then
    apt_install chromium
    return
  fi
  has curl || apt_install curl ca-certificates
  say "No working chromium: putting one into .tools/ (70 MB)"
  local at=$TOOLS/chromium
  fetch @sparticuz/chromium "$CHROMIUM_VERSION" "$CHROMIUM_SHA512" "$at/package"
  node -e '
    const fs = require("fs"), zlib = require("zlib"), at = process.argv[1];
    for (const name of ["chromium", "al2023.tar", "fonts.tar"])
      fs.writeFileSync(`${at}/${name}`, zlib.brotliDecompressSync(fs.readFileSync(`${at}/package/bin/${name}.br`)));' "$at"
  tar -xf "$at/al2023.tar" -C "$at"
  tar -xf "$at/fonts.tar" -C "$at"
  rm -rf "$at/package" "$at"/*.tar
  mv "$at/chromium" "$at/headless"
  printf '<fontconfig><dir>%s/fonts</dir><dir>/usr/share/fonts</dir><cachedir>%s/cache</cachedir></fontconfig>\n' \
    "$at" "$at" >"$at/fonts.conf"
  printf '#!/bin/sh\nLD_LIBRARY_PATH=%s/lib FONTCONFIG_FILE=%s/fonts.conf exec %s/headless "$@"\n' "$at" "$at" "$at" >"$at/chromium"
  chmod +x "$at/headless" "$at/chromium"
  works "$at/chromium" || die "the chromium in .tools/ does not run here: install one and set CHROMIUM to its path"
}

# ---- all together ---------------------------------------------------------------------------------------------

# setup TOOL...: what of these is missing, in one go. Tools are commands, or json, cli11, catch2, eigen, zlib, node,
# browser.
setup() {
  local tool packages=()
  for tool in $(printf '%s\n' "$@" | sort -u); do
    case $tool in
      json) [ -f /usr/include/nlohmann/json.hpp ] || packages+=(nlohmann-json3-dev) ;;
      cli11) [ -f /usr/include/CLI/CLI.hpp ] || packages+=(libcli11-dev) ;;
      catch2) [ -d /usr/include/catch2 ] || packages+=(catch2) ;;
      eigen) [ -f /usr/include/eigen3/Eigen/Core ] || packages+=(libeigen3-dev) ;;
      zlib) [ -f /usr/include/zlib.h ] || packages+=(zlib1g-dev) ;;
      node) node_new_enough || has curl || packages+=(curl ca-certificates) ;;
      browser) ;;
      libfuzzer) compgen -G "/usr/lib/llvm-$LLVM/lib/clang/*/lib/linux/libclang_rt.fuzzer*" >/dev/null || packages+=("libclang-rt-$LLVM-dev") ;;
      "clang++-$LLVM") has "$tool" || packages+=("clang-$LLVM") ;;
      ninja) has ninja || packages+=(ninja-build) ;;
      emcc) has emcc || packages+=(emscripten) ;;
      *) has "$tool" || packages+=("$tool") ;;
    esac
  done
  if [ ${#packages[@]} -gt 0 ]; then
    if can_apt; then apt_install "${packages[@]}"; else setup_without_apt "${packages[@]}"; fi
  fi
  case " $* " in *" node "*) setup_node ;; esac
  case " $* " in *" browser "*) setup_browser ;; esac
}

# Puts what .tools/ holds in front of PATH.
use_tools() {
  local folder
  for folder in node/bin python/bin emsdk/upstream/emscripten; do
    case ":$PATH:" in *":$TOOLS/$folder:"*) continue ;; esac
    [ ! -d "$TOOLS/$folder" ] || PATH=$TOOLS/$folder:$PATH
  done
  export PATH
  if [ -d "$TOOLS/python" ]; then export PYTHONPATH=$TOOLS/python; fi
  if [ -d "$TOOLS/emsdk" ]; then export EM_CONFIG=$TOOLS/emsdk/.emscripten; fi
}
use_tools

# ---- builds both scripts make ---------------------------------------------------------------------------------

build_native() {
  cmake --preset native
  cmake --build --preset native "$@"
}

build_wasm() {
  cmake --preset wasm
  cmake --build --preset wasm
}

# Runs a command only if the files named (or found below the folders named) differ from the last time it succeeded.
# unless_same STAMP PATH... -- COMMAND...
unless_same() {
  local stamp=$1 paths=() now
  shift
  while [ "$1" != -- ]; do
    paths+=("$1")
    shift
  done
  shift
  now=$(find "${paths[@]}" -type f -not -path '*/node_modules/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then return; fi
  "$@"
  printf '%s\n' "$now" >"$stamp"
}

in_web() { (cd web && "$@"); }

install_web() { unless_same web/node_modules/.tokencast-lock web/package-lock.json -- in_web npm ci --no-audit --no-fund; }

# The page in dist/, from the engine in build/wasm/.
build_page() {
  install_web
  [ -f dist/index.html ] || rm -f build/.page
  unless_same build/.page web presets docs build/wasm/tokencast.mjs build/wasm/tokencast.wasm -- in_web npm run build
}
