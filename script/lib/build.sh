# Configuring and compiling, by preset. Sourced, never run; needs $root.
# The compiler cache stands outside of the repository, so a fresh clone starts warm.

default_preset=ci
export CCACHE_DIR=${CCACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/annals/ccache}

# presets: their names, as CMakePresets.json has them.
presets() {
  (cd "$root" && cmake --list-presets 2>/dev/null | sed -n 's/^ *"\([a-z]*\)".*/\1/p' | xargs) || true
}

# configure PRESET: a full configuration the first time; ninja repeats it when a CMake file changed.
configure() {
  [[ -f $root/build/$1/build.ninja ]] || (cd "$root" && cmake --preset "$1")
}

# compile PRESET [TARGET...]: builds all targets, or these. One at a time in each directory: ninja does not see to that.
compile() {
  local preset=$1
  shift
  flock "$root/build/$preset/.building" cmake --build "$root/build/$preset" -- "${@:-all}"
}
