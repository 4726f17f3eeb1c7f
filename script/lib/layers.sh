# The layers of the tests. Sourced by script/test; needs ui.sh, packages.sh, build.sh and $root.
# Each layer is a function layer_NAME, or a ctest label of that name in the default preset's build.
# Where the tests on real pods run, which mostly wait, what only compiles and computes runs beside them.

ordinary_layers=(lint tidy unit scenario simulation disk gcc e2e integration)
# What CI runs beside the ordinary ones: asan and ubsan in one build.
ci_layers=(sanitize)
further_layers=(asan ubsan tsan fuzz stores e2e-long)
# What --long adds where no layer is named: every sanitizer, every fuzzer for a minute, and the
# faults on real pods that take longest.
thorough_layers=(sanitize tsan fuzz stores e2e-long)
# With --everything only: clang-tidy over every file from nothing costs half of CI's budget, and each mutant is a build.
long_layers=(analysis mutants)

# They run against a Kubernetes, and so say something of its version.
kubernetes_layers=(integration e2e e2e-long)
kubernetes_notes=${ANNALS_LOG_DIR%/*}/kubernetes-layers.tsv

# What the clusters of those tests run, and the parent of the operator's own image.
e2e_images=(postgres:15 upgrade:17 pgbackrest:2.55 base:bookworm)

# They need the processors and nothing else: no cluster, no clock.
computing_layers=(tidy unit scenario simulation disk gcc sanitize)

known_layer() { [[ " ${ordinary_layers[*]} ${ci_layers[*]} ${further_layers[*]} ${long_layers[*]} " == *" $1 "* ]]; }

# run_layers LAYER...: all of them, also after a failure; status 1 when one failed.
run_layers() {
  local layer failed=() start ahead=() computing=()
  start=$(now_ms)
  tested_commit=$(git -C "$root" describe --always --dirty 2>/dev/null || echo unknown)
  step "packages" install_packages build test cluster images
  for layer in "$@"; do
    if [[ " $* " =~ \ e2e(-long)?\  && " ${computing_layers[*]} " == *" $layer "* ]]; then
      computing+=("$layer")
    else
      ahead+=("$layer")
    fi
  done
  trap end_all_beside EXIT
  for layer in "${ahead[@]}"; do
    if [[ $layer == e2e* && -z $prepared ]]; then prepare_e2e; fi
    run_layer "$layer" || failed+=("$layer")
  done
  if [[ -n $computing_pid ]] && ! wait "$computing_pid"; then failed+=("of ${computing[*]}: see above"); fi
  computing_pid=
  if ((${#failed[@]} > 0)); then
    warn "failed: ${failed[*]} ($(seconds_since "$start") s in all)"
    return 1
  fi
  say "all layers passed in $(seconds_since "$start") s: $*"
}

# The layers that only compute, in one process, the leader of a process group; and whether what e2e needs is prepared.
computing_pid='' prepared=''

# What the tests on pods are made of and what they run on, all at once. What fails here fails again in the layer, which
# says it.
prepare_e2e() {
  prepared=yes
  run_beside "kubernetes: build" "$root/script/cluster" build
  run_beside "images: build" "$root/script/images" build "${e2e_images[@]}"
  step "build: e2e" build_e2e
  ((${#computing[@]} == 0)) || start_computing "${computing[@]}"
  await_beside || true
}

# Nothing goes on when this script ends before its time.
end_all_beside() {
  [[ -z $computing_pid ]] || kill -- "-$computing_pid" 2>/dev/null || true
  end_beside
}

# What the tests on pods are made of. Not while other layers are built beside them: that folder is theirs then.
build_e2e() {
  [[ -z $computing_pid ]] || return 0
  configure "$default_preset" && compile "$default_preset" e2e_tests
}

# start_computing LAYER...: in a session of its own, which gets the time that nobody else wants. Sets computing_pid.
start_computing() {
  # shellcheck disable=SC2016  # "$@" is the inner shell's
  setsid bash -c 'echo 19 >/proc/self/autogroup 2>/dev/null; exec chrt --idle 0 "$@"' idle "$root/script/test" "$@" &
  computing_pid=$!
}

# run_layer LAYER: in a subshell with its output in a log; prints one line, and what failed.
run_layer() {
  local layer=$1 start log status=0 what
  start=$(now_ms)
  mkdir -p "$ANNALS_LOG_DIR"
  log=$ANNALS_LOG_DIR/test-$layer.log
  ( (
    set -euo pipefail
    if declare -F "layer_$layer" >/dev/null; then "layer_$layer"; else layer_of_label "$layer"; fi
  ) >"$log" 2>&1) &
  wait $! || status=$?
  what=$(closing_line "$log")
  [[ " ${kubernetes_layers[*]} " != *" $layer "* ]] || note_kubernetes "$layer" "$what"
  if ((status == 0)); then
    printf '  %-12s %8s s  %s\n' "$layer" "$(seconds_since "$start")" "$what"
    return 0
  fi
  printf '  %-12s %8s s  %sfailed%s  %s\n' "$layer" "$(seconds_since "$start")" "$ui_red" "$ui_off" "$what"
  show_failures "$log"
  return 1
}

# note_kubernetes LAYER RESULT: a line for the table of docs/kubernetes-versions.md, which script/kubernetes/tested makes.
note_kubernetes() {
  local version
  read -r version _ </var/lib/annals-cluster/kubernetes || return 0
  printf '%s\t%s\t%s\t%s\t%s\n' "$version" "$(date -u +%F)" "$tested_commit" "$1" "$2" >>"$kubernetes_notes"
} 2>/dev/null

# closing_line LOG: ctest's own last word, "100% tests passed, 0 tests failed out of 27", or ours.
closing_line() {
  grep -hE '^[0-9]+% tests passed|^lint: |^mutants: |^no tests yet' "$1" | tail -n 3 | paste -sd ';' || true
}

# show_failures LOG: the failed tests' own words where ctest ran, else the end of the log.
show_failures() {
  if grep -q 'tests failed out of' "$1"; then
    # After GoogleTest's `FILE:LINE: Failure` comes what was seen, up to an empty line or the test's own end.
    awk '/: Failure$/ { left = 30 }
      /^  breaks |^    at [0-9]+ ms: / { left = 0; print; next }
      /^\[  FAILED  \]|error:|\*\*\*(Failed|Timeout|Exception|Not Run)/ { left = 0; print; next }
      /^$|^\[ / { left = 0 }
      left > 0 { left--; print }' "$1" | head -n 100 | sed 's/^/    | /' >&2 || true
  fi
  show_log_tail "$1" 25
}

# build_and_ctest PRESET LABEL...: builds the tests of these labels, and no others, and runs them.
build_and_ctest() {
  local preset=$1 label targets=()
  shift
  configure "$preset" || return 1
  for label in "$@"; do
    if ninja -C "$root/build/$preset" -t query "${label}_tests" >/dev/null 2>&1; then targets+=("${label}_tests"); fi
  done
  compile "$preset" "${targets[@]}" || return 1
  (cd "$root" && ctest --preset "$preset" --output-on-failure --parallel "$(nproc)" \
    --label-regex "^($(IFS='|' && echo "$*"))\$")
}

# A layer runs where `set -e` has no force, so each step that may fail says so itself.
# layer_of_label LABEL [FOLDER [PARALLEL]]: its tests stand in the folder of its name, or in that one, and run there: ctest's
# own log of what runs beside them stands elsewhere.
layer_of_label() {
  local folder=${2:-$1} parallel=${3:-$(nproc)}
  configure "$default_preset" && compile "$default_preset" || return 1
  if [[ ! -d $root/tests/$folder ]]; then
    echo "no tests yet"
    return 0
  fi
  ctest --test-dir "$root/build/$default_preset/tests/$folder" --output-on-failure --parallel "$parallel" --no-tests=error \
    --label-regex "^$1\$"
}

layer_disk() { layer_of_label disk integration/journal; }
# Half of what these take they wait: for clocks, and for servers that start.
layer_integration() { layer_of_label integration integration "$(($(nproc) + 1))"; }

# One at a time: each server has its port.
layer_stores() {
  local store
  for store in s3 azure gcs; do "$root/script/$store" build || return 1; done
  layer_of_label stores integration 1
}

layer_e2e() { on_pods e2e; }
layer_e2e-long() { on_pods e2e-long; }

# on_pods LABEL: one cluster for all. Many of these tests change what all share, and are serial; tests/e2e/CMakeLists.txt
# says which run beside each other: three, since there are clusters behind each, and they mostly wait.
on_pods() {
  build_e2e || return 1
  (cd "$root" && ctest --preset "$default_preset" --output-on-failure --parallel 3 --label-regex "^$1\$")
}

# The pure core with the second compiler, and the golden journal with both compilers' debug builds: replay must not
# depend on who compiled it, or how.
layer_gcc() {
  build_and_ctest gcc unit scenario simulation || return 1
  replay_golden_journal gccdebug && replay_golden_journal clangdebug
}

# replay_golden_journal PRESET: of the tests only this one, so that a debug build costs little.
replay_golden_journal() {
  configure "$1" && compile "$1" old_journal_test || return 1
  (cd "$root" && ctest --preset "$1" --output-on-failure --tests-regex '^unit/old_journal_test/')
}

# The layers that a sanitizer looks at: those without a cluster, or with --long also the one with an API server.
sanitized() { build_and_ctest "$1" unit scenario simulation ${ANNALS_TEST_LONG:+disk integration}; }
layer_sanitize() { sanitized sanitize; }
layer_asan() { sanitized asan; }
layer_ubsan() { sanitized ubsan; }
layer_tsan() { sanitized tsan; }

# The fuzzers, each for a few seconds, or with --long for a minute.
layer_fuzz() {
  configure fuzz && compile fuzz fuzz_tests || return 1
  ANNALS_FUZZ_SECONDS=${ANNALS_TEST_LONG:+60} ctest --test-dir "$root/build/fuzz" --output-on-failure --parallel "$(nproc)" \
    --no-tests=error --label-regex '^fuzz$'
}

# What quick tools say of the text: shell scripts, C++ format, and mutants of code that has changed since.
layer_lint() {
  local shell cpp mutant
  cd "$root"
  mapfile -t shell < <(grep -rlE '^#!/usr/bin/env bash' script .ci tests findings && find script findings -name '*.sh')
  mapfile -t cpp < <(git ls-files '*.cc' '*.h')
  shellcheck --severity=warning "${shell[@]}" && clang-format-19 --dry-run -Werror "${cpp[@]}" || return 1
  for mutant in tests/mutants/*.patch; do git apply --check "$mutant" || return 1; done
  echo "lint: ${#shell[@]} scripts, ${#cpp[@]} C++ files, mutants apply"
}

# What slow tools say: clang-tidy, and headers that compile alone. What has not changed is not looked at again.
layer_analysis() {
  configure tidy && compile tidy all all_verify_interface_header_sets || return 1
  echo "lint: clang-tidy and all headers"
}

# Whether the simulation notices a core that is broken on purpose.
layer_mutants() { "$root/script/mutants"; }
