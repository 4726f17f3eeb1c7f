# Runs the contracts of deploy/images/contract inside of built images. Sourced by script/images.
# The surroundings are those of a pod of the restricted kind: a read-only root, no capabilities, no way to
# gain any, a small /tmp, volumes that a group may write to, and no network but a loopback of its own.

# Where pods mount volumes that a program here writes to.
volumes=(pgdata pgwal pgbackrest tablespaces run/secrets/kubernetes.io/serviceaccount)

has_contract() { [[ -f $images_dir/contract/${1%%:*}.sh ]]; }

# check_image IMAGE: its contract as the image's own user, then as one that the image does not know, as on
# OpenShift. Prints a line for each point.
check_image() {
  local container root status=0
  container=$(buildah_store from --pull-never "$(stored_name "$1")")
  root=$(buildah_store mount "$container")
  run_contract "$1" "$root" 26 26 || status=1
  run_contract "$1" "$root" 1000610000 0 || status=1
  buildah_store rm "$container" >/dev/null
  return "$status"
}

# run_contract IMAGE ROOT UID GID
run_contract() {
  local image=$1 root=$2 uid=$3 gid=$4 environment lines='{{range .Docker.Config.Env}}{{println .}}{{end}}'
  mapfile -t environment < <(buildah_store inspect --type image --format "$lines" "$(stored_name "$image")" | grep .)
  say "  as user $uid, group $gid, file system group 26"
  # Bash as the first process of the namespace: with its end all that a contract has left running ends.
  timeout 300 unshare --mount --pid --net --ipc --uts --fork --kill-child \
    bash -ceu "$(declare -f enter_pod); volumes=(${volumes[*]}); enter_pod \"\$@\"" - \
    "$root" "$images_dir/contract" "$uid" "$gid" \
    env -i "${environment[@]}" IMAGE="$image" bash "/mnt/${image%%:*}.sh" </dev/null
}

# enter_pod ROOT CONTRACTS UID GID COMMAND...: runs in the new namespaces.
enter_pod() {
  local root=$1 contracts=$2 uid=$3 gid=$4 volume
  shift 4
  ip link set lo up
  mount --bind "$root" "$root"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs -o size=64m,mode=1777 shm "$root/dev/shm"
  mount -t proc proc "$root/proc"
  mount --bind "$contracts" "$root/mnt"
  mount -t tmpfs -o size=16m,mode=1777 tmp "$root/tmp"
  for volume in "${volumes[@]}"; do
    mkdir -p "$root/$volume" # as a container runtime does
    mount -t tmpfs -o size=1g,mode=2775,gid=26 volume "$root/$volume"
  done
  printf '127.0.0.1 localhost\n' >"$root/etc/hosts" # which a container runtime mounts
  mount -o remount,bind,ro "$root"
  exec chroot "$root" setpriv --reuid="$uid" --regid="$gid" --groups=26 \
    --inh-caps=-all --bounding-set=-all --no-new-privs "$@"
}
