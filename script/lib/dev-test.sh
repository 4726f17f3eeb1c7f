# shellcheck shell=bash
# `script/dev test`: from a name to the programs that hold its tests. Sourced, never run; needs ui.sh, packages.sh, build.sh,
# $root, $preset and $build. The names are read from the sources, because programs that are not built cannot be asked.

dev_test() {
  local what='' run=run arguments=()
  while (($# > 0)); do
    case $1 in
      --help) usage && return ;;
      --list) run=list ;;
      --gdb) run=gdb ;;
      --) shift && arguments=("$@") && break ;;
      -*) usage_error "unknown argument '$1'" ;;
      *) [[ -z $what ]] || usage_error "one WHAT at a time, not '$what' and '$1'" && what=$1 ;;
    esac
    shift
  done
  [[ -n $what ]] || usage_error "WHAT is missing"
  local groups=(build test)
  [[ $run != gdb ]] || groups+=(debug)
  step "packages: ${groups[*]}" install_packages "${groups[@]}"
  step "configure: $preset" configure "$preset"
  choose_tests "$what"
  ((${#chosen[@]} > 0)) || die "no test program, file or SUITE.NAME matches '$what'"
  "tests_$run" "${arguments[@]}"
}

# test_sources: "PROGRAM SOURCE" of each test program's sources, as CMake wrote them down for the compiler.
test_sources() {
  sed -nE 's|.* -o (tests/[^ ]*)CMakeFiles/([^/ ]+)\.dir/[^ ]+ -c ([^ "]+_test\.cc)".*|\1\2 \3|p' "$build/compile_commands.json"
}

# tests_in SOURCE: SUITE.NAME of each test, one a line.
tests_in() {
  grep -Pzo '\n(TYPED_)?TEST(_F|_P)?\(\s*\w+,\s*\w+' "$1" | tr '\0' '\n' | tr -s ' \n' ' ' |
    grep -oE 'TEST[A-Z_]*\( ?[A-Za-z0-9_]+, ?[A-Za-z0-9_]+' | sed -E 's/^[^(]*\( ?//; s/, ?/./' || true
}

# choose_tests WHAT: sets chosen, from a program (its path in the build tree) to a filter for GoogleTest. A program of that
# name is meant rather than a file, and a file rather than a part of a test's name.
choose_tests() {
  local what=$1 program source sources of_file test
  declare -gA chosen=()
  sources=$(test_sources)
  program=$(awk -v what="$what" '{ n = split($1, parts, "/") } parts[n] == what { print $1; exit }' <<<"$sources")
  if [[ -n $program ]]; then
    chosen[$program]='*'
    return
  fi
  of_file=$(awk -v what="$(basename "$what" .cc).cc" '{ n = split($2, parts, "/") } parts[n] == what' <<<"$sources")
  if [[ -n $of_file ]]; then
    sources=$of_file
    what=.
  fi
  while read -r program source; do
    while read -r test; do
      [[ ! $test =~ $what ]] || add_to_filter "$program" "$test"
    done < <(tests_in "$source")
  done <<<"$sources"
}

# Tests with parameters have their names before, and their numbers behind, the suite or the test.
add_to_filter() {
  local suite=${2%%.*} name=${2#*.} filter=${chosen[$1]:-}
  chosen[$1]="${filter:+$filter:}$suite.$name:$suite/*.$name:*/$suite.$name/*"
}

tests_list() {
  local program
  for program in "${!chosen[@]}"; do
    say "${program##*/}"
    tr ':' '\n' <<<"${chosen[$program]}" | grep -v / | sed 's/^\*$/all of its tests/; s/^/  /'
  done
}

build_chosen() {
  local program targets=()
  for program in "${!chosen[@]}"; do targets+=("${program##*/}"); done
  step "build: ${targets[*]}" compile "$preset" "${targets[@]}"
}

# Each in the folder where ctest runs it, and all of them, also after a failure.
tests_run() {
  local program status=0
  build_chosen
  for program in "${!chosen[@]}"; do
    (cd "$build/${program%/*}" && "./${program##*/}" --gtest_brief=1 --gtest_filter="${chosen[$program]}" "$@") || status=1
  done
  return "$status"
}

tests_gdb() {
  local only=("${!chosen[@]}")
  ((${#only[@]} == 1)) || die "these tests are in several programs: ${only[*]##*/}"
  build_chosen
  cd "$build/${only[0]%/*}"
  exec gdb --args "./${only[0]##*/}" --gtest_break_on_failure --gtest_filter="${chosen[${only[0]}]}" "$@"
}
