# shellcheck shell=bash
# An object store for tests: a server on this computer with TLS by an authority of its own, at the address that the pods
# of script/cluster reach. Sourced by script/s3, script/azure and script/gcs, each of which sets `kind`, `title`, `server`
# (its name and version), `port` and `store` (its bucket or container) before, and has these functions:
#   build_server   puts the server into $server_dir          program     the file that is there when it is built
#   make_identity  new credentials into $state_dir, if none  forget_identity
#   secret_files N DIR   the credentials as pgBackRest wants them for repository N
#   start_server   by run_server                             answers     whether it serves
#   make_store     makes the empty bucket or container, if there is none

: "${ANNALS_CACHE_DIR:=${XDG_CACHE_HOME:-$HOME/.cache}/annals}"
cache_dir=$ANNALS_CACHE_DIR
kubernetes_scripts=$here/kubernetes
source "$here/lib/ui.sh"
source "$here/lib/packages.sh"
source "$here/kubernetes/network.sh"
source "$here/kubernetes/pki.sh"
source "$here/kubernetes/commands.sh"

state_variable=ANNALS_${kind^^}_STATE
address_variable=ANNALS_${kind^^}_ADDRESS
state_dir=${!state_variable:-/var/lib/annals-$kind}
address=${!address_variable:-$host_address}
server_dir=$cache_dir/$kind/$server-1
# The name of the Service that a test makes for it: 2.45 of pgBackRest takes no certificate of an address.
names=("$kind.object-store.svc.cluster.local" "$kind.object-store.svc" localhost)

usage() {
  cat <<TEXT
usage: script/$kind COMMAND
  build      puts the server into the cache (once$build_takes)
  up         starts it with new credentials and the empty $store_kind '$store'; harmless while it runs
  stop       ends it and keeps what it holds; up starts it again
  rotate     new credentials: from then on the server takes these alone
  secret N DIR
             the files of a user's Secret for repository N: the credentials and ca.crt
  down       ends it and removes all that it holds
  status     whether it runs, and where its files are
${more_commands:-}It listens on $address:$port. Its authority is $state_dir/ca.crt.
Environment: $address_variable, $state_variable, ANNALS_CACHE_DIR, ANNALS_CLUSTER_NET.
TEXT
}

build() {
  [[ ! -e $(program) ]] || return 0
  build_server
}

# The process itself, not one that has got its number since.
server_pid() {
  local pid
  pid=$(cat "$state_dir/pid" 2>/dev/null) && grep --quiet --null-data --fixed-strings "$state_dir" "/proc/$pid/cmdline" 2>/dev/null &&
    printf '%s' "$pid"
}

# host_for_clients: the name that the server says it has.
host_for_clients() { if [[ $address == 127.* ]]; then printf localhost; else printf '%s' "${names[0]}"; fi; }

# run_server COMMAND...: in the background, in a session of its own, which `stop` ends.
run_server() {
  (cd "$state_dir" && exec setsid "$@") >>"$state_dir/log" 2>&1 </dev/null &
  echo $! >"$state_dir/pid"
}

pki_dir() { printf '%s' "$state_dir"; }
make_certificates() {
  local dns
  dns=$(printf ',DNS:%s' "${names[@]}")
  { make_ca ca && make_leaf server ca "/CN=${names[0]}" "${dns#,}"; } 2>>"$state_dir/log"
}

# http_status PATH: of a request without credentials.
http_status() {
  curl --silent --output /dev/null --write-out '%{http_code}' --max-time 10 --cacert "$state_dir/ca.crt" \
    --connect-to "localhost:$port:$address:$port" "https://localhost:$port/$1"
}

up() {
  build
  mkdir -p "$state_dir"
  chmod 700 "$state_dir"
  make_identity
  make_certificates
  if ! server_pid >/dev/null; then start_server; fi
  if ! wait_until 60 answers || ! wait_until 60 make_store; then
    show_log_tail "$state_dir/log"
    die "the $title server does not answer on $address:$port"
  fi
  say "$title on $address:$port, $store_kind $store"
}

stop() {
  local pid
  pid=$(server_pid) || return 0
  kill -- "-$pid"
  wait_until 20 has_ended "$pid" || kill -9 -- "-$pid"
  wait_until 10 has_ended "$pid" || die "process $pid does not end"
  rm -f "$state_dir/pid"
}
has_ended() { [[ ! -e /proc/$1 || $(cut -d' ' -f3 "/proc/$1/stat" 2>/dev/null) == Z ]]; }

rotate() {
  local pid
  pid=$(server_pid) || die "it does not run; 'script/$kind up' starts it"
  stop
  forget_identity
  up
}

down() {
  stop
  rm -rf "$state_dir"
}

status() {
  if server_pid >/dev/null; then say "runs on $address:$port; files: $state_dir"; else say "does not run"; fi
}

object_store() {
  case ${1:-} in
    build | up | stop | rotate | down | status) "$1" ;;
    secret)
      [[ ${2:-} =~ ^[1-4]$ && -d ${3:-} ]] || usage_error "secret wants the number of a repository, 1 to 4, and a folder"
      [[ -e $state_dir/ca.crt ]] || die "it has no credentials yet; 'script/$kind up' makes them"
      (umask 077 && secret_files "$2" "$3" && cp "$state_dir/ca.crt" "$3")
      ;;
    -h | --help | help) usage ;;
    '') usage_error "a command is missing" ;;
    *) usage_error "unknown command '$1'" ;;
  esac
}
