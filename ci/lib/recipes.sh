# shellcheck shell=bash
# Images that are built from source, by their rows in ci/images.tsv. In a row, - stands for nothing; base is
# what upstream's image stands on, busybox (with a shell), static (without) or nothing; package is of the
# source: a Go module (go), a Debian package (debian), the module that a program of ci/programs uses (own), or
# the folder of ci/programs with the manifest of a distribution (otel); and in the lists
#   stamp     variable = value, linked into the programs
#   programs  package of the module (. is its root), path in the Debian package, or name = path in the image
#   files     path in the module or in the Debian package = path in the image; @target = path of a symbolic link
#   folders   path = owner:group:mode, with all that is in it; made where there is none
#   accounts  name = uid

image_row() { awk -F'\t' -v image="$1" '$1 == image {print; found = 1} END {exit !found}' "$ci/images.tsv"; }

# read_row REF: into the associative array row, by the names in the table's head.
read_row() {
  local names values index
  IFS=$'\t' read -ra names <"$ci/images.tsv"
  IFS=$'\t' read -ra values < <(image_row "$1")
  for index in "${!names[@]}"; do
    row[${names[index]}]=${values[index]}
    [[ ${values[index]} != - ]] || row[${names[index]}]=
  done
}

built_image_recipe() { # REF
  local -A row
  read_row "$1"
  recipe "$(image_row "$1")" "$(sources_of_row)" "$debian_suite" build_image "add_${row[source]}_programs" add_files add_folders \
    add_accounts image_config image_parts push_parts push_blob base_root copy_libraries "${go_flags[*]} $go_linker_flags"
}

build_image() { # REF
  local -A row
  local work
  read_row "$1"
  if [[ -n ${row[base]} ]]; then
    install_packages "${build_packages[@]}"
  elif ! type jq zstd >/dev/null 2>&1; then
    install_packages jq zstd
  fi
  work=$(fresh_dir "image-$(slug "$1")")
  mkdir "$work/root"
  note "building $1 from ${row[package]} ${row[version]}"
  [[ -z ${row[base]} ]] || copy_base "${row[base]}" "$work/root"
  "add_${row[source]}_programs" "$work/root"
  if [[ ! -e $step_dir/lacking ]]; then
    add_accounts "$work/root"
    add_folders "$work/root"
    image_parts "$work/root" "$(image_config "$1")" "$work/parts"
    push_parts "$1" "$work/parts"
  fi
  rm -rf "$work"
}

add_accounts() { # ROOT
  local pair
  for pair in ${row[accounts]}; do
    echo "${pair%=*}:x:${pair#*=}:${pair#*=}::/home/${pair%=*}:/bin/sh" >>"$1/etc/passwd"
    echo "${pair%=*}:x:${pair#*=}:" >>"$1/etc/group"
  done
}

add_folders() { # ROOT
  local pair path owner
  for pair in ${row[folders]}; do
    path=$1${pair%=*} owner=${pair#*=}
    [[ -e $path ]] || mkdir -p "$path"
    chown -R --no-dereference "${owner%:*}" "$path"
    chmod "${owner##*:}" "$path"
  done
}

image_config() { # REF: JSON
  local key
  for key in "${!row[@]}"; do jq -n --arg key "$key" --arg value "${row[$key]}" '{($key): $value}'; done |
    jq -s --arg recipe "$(built_image_recipe "$1")" --arg go "$(go env GOVERSION 2>/dev/null)" '
      add | def list(text): text | split(" ") | map(select(. != ""));
      {
        Entrypoint: list(.entrypoint), Cmd: list(.arguments), User: .user, WorkingDir: .workdir,
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        Volumes: (list(.volumes) | map({(.): {}}) | add),
        Labels: ({
          "io.relapse.image": .image, "io.relapse.source": "\(.source) \(.package)", "io.relapse.version": .version,
          "io.relapse.recipe": $recipe
        } + if .source != "debian" then {"io.relapse.go": $go} else {} end)
      } | with_entries(select(.value != null and .value != "" and .value != []))'
}
