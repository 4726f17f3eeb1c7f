#!/usr/bin/env bash
# The same CMake project, with a precompiled header, compiled by clang through ccache in two folders, with base_dir and
# the sloppiness that ccache's manual asks for. A guess: the second folder gets hits, as without a precompiled header.
# Seen: none. CMake hands the header's absolute path through with -Xclang, where ccache rewrites no path, and clang's
# parsed file holds the folder's path, so that its checksum differs. Both have to be cured: plain -include-pch, and a
# sum beside the file (pch_external_checksum) give a hit.
# Needs root on Debian 12: installs clang-19, cmake, ninja-build and ccache of that release.
set -euo pipefail
packages=(clang-19 cmake ninja-build ccache)
dpkg -s "${packages[@]}" >/dev/null 2>&1 || apt-get install --yes --no-install-recommends "${packages[@]}" >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "$(clang++-19 --version | head -n 1); $(cmake --version | head -n 1); $(ccache --version | head -n 1)"

# project DIR cured|as-it-comes
project() {
  mkdir -p "$1"
  cat >"$1/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(finding LANGUAGES CXX)
if(CURED)
  set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -include-pch <PCH_FILE>)
  file(WRITE ${CMAKE_BINARY_DIR}/CMakeFiles/finding.dir/cmake_pch.hxx.pch.sum "one and the same")
endif()
add_library(finding STATIC one.cc)
target_precompile_headers(finding PRIVATE <string>)
target_compile_options(finding PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
CMAKE
  echo 'std::string one() { return "one"; }' >"$1/one.cc"
  export CCACHE_BASEDIR=$1 CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_DIR=$work/cache-$2
  [[ $2 != cured ]] || export CCACHE_PCH_EXTSUM=1
  cmake -S "$1" -B "$1/build" -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
    -DCURED="$([[ $2 == cured ]] && echo ON || echo OFF)" >/dev/null
  cmake --build "$1/build" >/dev/null
}

# hits cured|as-it-comes: of the second folder, where the source file's compilation could be one.
hits() {
  project "$work/first-$1" "$1"
  ccache -z >/dev/null
  project "$work/second-$1" "$1"
  ccache --print-stats | awk '$1 == "direct_cache_hit" || $1 == "preprocessed_cache_hit" { n += $2 } END { print n + 0 }'
}
plain=$(hits as-it-comes)
cured=$(hits cured)
echo "hits in the second folder: as it comes $plain, with -include-pch and a sum $cured"
[[ $plain == 0 && $cured == 1 ]] || { echo "this has changed" >&2 && exit 1; }
