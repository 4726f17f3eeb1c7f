# The cache of built images. Sourced by script/images.
# An image's key is a hash over all that goes into it, and part of its name in the store: that name exists
# when, and only when, the image was built to its end from exactly this. No time of a file counts.

store=${ANNALS_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/annals}/images
# Locks and mount counts of the storage library: a reboot must clear them, and each store needs its own.
runroot=/run/annals/images-$(cksum <<<"$store" | cut -d' ' -f1)
# A build of all images from nothing, and an archive of each.
needed_mb=2500
declare -A image_parents=() image_arguments=() image_keys=()
images=()
stored_images=''
store_is_locked=''

# read_table: every image's parent, arguments and key. Only the executable bit of a file's mode counts,
# because git keeps no other.
read_table() {
  local image parent arguments folder
  while read -r image parent arguments; do
    folder=$images_dir/${image%%:*}
    [[ -f $folder/Containerfile ]] || die "$image needs a deploy/images/${image%%:*}/Containerfile"
    # An image of something that is built elsewhere fetches it first; while there is none, there is no such image.
    [[ ! -x $folder/stage ]] || "$folder/stage" || continue
    [[ $parent == - || -n ${image_keys[${parent:-}]:-} ]] || die "images.list names $image before its parent '$parent'"
    images+=("$image")
    image_parents[$image]=${parent#-}
    image_arguments[$image]=$arguments
    image_keys[$image]=$({
      printf '%s\n' "$image" "$arguments" "${image_keys[$parent]:-}"
      cd "$folder"
      find . -type f -print0 | sort -z | xargs -0 sha256sum
      find . -type f -perm -u+x | sort
    } | sha256sum | cut -c1-16)
  done < <(sed -e 's/[[:space:]]*#.*//' -e '/^$/d' "$images_dir/images.list")
}

# select_images [NAME...]: the images that these names mean, in the table's order; all when there are none.
select_images() {
  local name image selected=' ' before
  (($# > 0)) || set -- "${images[@]}"
  for name in "$@"; do
    name=${name#docker.io/library/} name=${name#localhost/} name=${name#annals/}
    before=$selected
    for image in "${images[@]}"; do
      [[ $image != "$name" && $image != "$name":* ]] || selected+="$image "
    done
    [[ $selected != "$before" ]] || usage_error "no image '$name'; there are: ${images[*]}"
  done
  in_table_order "$selected"
}

# with_parents [NAME...]: the same with everything that they are made on top of.
with_parents() {
  local image selected
  selected=$(select_images "$@") || exit
  selected=" ${selected//$'\n'/ } "
  for image in $selected; do
    while image=${image_parents[$image]} && [[ -n $image ]]; do selected+="$image "; done
  done
  in_table_order "$selected"
}

in_table_order() {
  local image
  for image in "${images[@]}"; do
    [[ $1 != *" $image "* ]] || printf '%s\n' "$image"
  done
}

# full_name IMAGE: the name that pods use.
full_name() {
  case $1 in
    debian:*) printf 'docker.io/library/%s' "$1" ;;
    *) printf 'localhost/annals/%s' "$1" ;;
  esac
}

# stored_name IMAGE: the same with the key, the name that only this content has.
stored_name() { printf '%s-%s' "$(full_name "$1")" "${image_keys[$1]}"; }

archive_path() { printf '%s/archives/%s-%s.tar' "$store" "${1/:/_}" "${image_keys[$1]}"; }

buildah_store() {
  buildah --root "$store/storage" --runroot "$runroot" --storage-driver "${STORAGE_DRIVER:-overlay}" "$@"
}

# read_store: what is_built, has_older and size_of look at, read once because each reading takes a tenth of a second.
read_store() {
  stored_images=''
  [[ -e $store/storage ]] && command -v buildah >/dev/null || return 0
  need_root "reading the store of images"
  stored_images=$(buildah_store images --noheading --format '{{.Name}}:{{.Tag}} {{.Size}}')
}

is_built() { [[ $'\n'$stored_images == *$'\n'"$(stored_name "$1") "* ]]; }
has_older() { [[ $'\n'$stored_images == *$'\n'"$(full_name "$1") "* ]]; }
size_of() { awk -v name="$(full_name "$1")" '$1 == name { print $2, $3 }' <<<"$stored_images"; }

free_mb() { df --output=avail --block-size=1M "$store" | tail -n 1 | tr -d ' '; }
need_root() { [[ $EUID -eq 0 ]] || die "$1 needs root"; }

# lock_store: one build at a time. Programs that this script starts inherit the lock, so what a killed run
# left behind is over before the next begins.
lock_store() {
  [[ -z $store_is_locked ]] || return 0
  if ! mkdir -p "$store" 2>/dev/null || [[ ! -w $store ]]; then die "cannot write to $store"; fi
  exec 9>"$store/lock"
  if ! flock --nonblock 9; then
    warn "waiting for another script/images to end"
    flock 9
  fi
  store_is_locked=yes
}

# prepare_to_build: the tools, the lock, and an end to what a killed run left.
prepare_to_build() {
  [[ -z $store_is_locked ]] || return 0
  need_root "building images"
  [[ -z $(missing_packages images) ]] || step "packages: images" install_packages images
  lock_store
  (($(free_mb) >= needed_mb)) || die "building images needs $needed_mb MB free in $store, there are $(free_mb) MB"
  trap explain_full_disk EXIT
  buildah_store rm --all >/dev/null
  rm -rf --one-file-system "$store/work"
  read_store
}

# The programs of a build say it in as many ways as there are programs.
explain_full_disk() {
  local status=$?
  ((status == 0 || $(free_mb) > 50)) || warn "images: the disk of $store is full"
  exit "$status"
}

# build_image IMAGE: one image, its parent being there.
build_image() {
  local image=$1 context=$store/work/context arguments argument
  mkdir -p "$store/work"
  cp -R "$images_dir/${image%%:*}" "$context"
  cd "$context"
  # In a mount namespace of its own, so that no mount of debootstrap's outlives it.
  [[ ! -x prepare ]] || unshare --mount ./prepare "${image#*:}"
  arguments=()
  for argument in ${image_arguments[$image]}; do arguments+=(--build-arg "$argument"); done
  [[ -z ${image_parents[$image]} ]] || arguments+=(--build-arg "PARENT=$(stored_name "${image_parents[$image]}")")
  buildah_store bud --isolation chroot --network host --pull-never --format docker "${arguments[@]}" \
    --tag "$(stored_name "$image")" --tag "$(full_name "$image")" .
  rm -rf --one-file-system "$store/work"
}

# remove_outdated_images: what the table does not lead to any more.
remove_outdated_images() {
  local image name current=$'\n'
  for image in "${images[@]}"; do current+="$(full_name "$image")"$'\n'"$(stored_name "$image")"$'\n'; done
  read_store
  while read -r name _; do
    [[ -z $name || $current == *$'\n'"$name"$'\n'* ]] || buildah_store rmi "$name" >/dev/null 2>&1 || true
  done <<<"$stored_images"
  buildah_store rmi --prune >/dev/null 2>&1 || true
}

# write_archive IMAGE PATH: whole or absent, whatever happens; the archives of older contents go.
write_archive() {
  local older=$store/archives/${1/:/_}
  mkdir -p "$store/archives"
  rm -f "$store"/archives/*.partial
  # By the plain name, because the name that it is pushed by goes into the archive too.
  buildah_store tag "$(stored_name "$1")" "$(full_name "$1")"
  buildah_store push --quiet "$(full_name "$1")" "docker-archive:$2.partial:$(full_name "$1")"
  rm -f "$older"-????????????????.tar
  mv "$2.partial" "$2"
}
