# shellcheck shell=bash
# Debian packages, by group. Sourced, never run.
# A group is a file script/packages/GROUP.list: one package a line, '#' starts a comment, and
# 'PACKAGE unless COMMAND' leaves a command alone that the machine has from elsewhere. That folder is the
# only place that names a package, so a machine that has run the scripts has all that they need.

packages_dir=$(dirname "${BASH_SOURCE[0]}")/../packages

# packages_in GROUP...: the packages that these groups ask of this machine, one a line.
packages_in() {
  local group package unless
  for group in "$@"; do
    [[ -f $packages_dir/$group.list ]] || die "no package group '$group' in script/packages"
    while read -r package unless; do
      [[ -n $unless ]] && command -v "${unless#unless }" >/dev/null || printf '%s\n' "$package"
    done < <(sed -e 's/[[:space:]]*#.*//' -e '/^$/d' "$packages_dir/$group.list")
  done
}

# missing_packages GROUP...: those of them that are not installed.
missing_packages() {
  local wanted
  wanted=$(packages_in "$@" | sort -u)
  # One dpkg-query for all: unknown packages are told on standard error, installed ones in the list.
  comm -23 <(printf '%s\n' "$wanted") <(
    xargs -r dpkg-query -W -f '${db:Status-Status} ${Package}\n' <<<"$wanted" 2>/dev/null | sed -n 's/^installed //p' | sort -u
  )
}

# install_packages GROUP...: installs what is missing; does nothing, and needs no root, when nothing is.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} > 0)) || return 0
  [[ $EUID -eq 0 ]] || die "these packages are missing, installing them needs root: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install --yes --no-install-recommends -o Dpkg::Use-Pty=0 -o Dpkg::Lock::Timeout=300 "${missing[@]}"
}
