# shellcheck shell=bash
# Where the programs of an image come from, and its files: by the source of its row.

add_go_programs() { # ROOT
  local pair packages=() stamps= programs
  for pair in ${row[programs]}; do packages+=("$(go_package "${pair%=*}")"); done
  for pair in ${row[stamp]}; do stamps+=" -X $pair"; done
  programs "${row[package]}" "${row[version]}" "${row[tags]}" "${stamps# }" "${packages[@]}"
  for pair in ${row[programs]}; do
    install -D -m 755 "$programs/$(program_name "$(go_package "${pair%=*}")")" "$1${pair#*=}"
  done
  add_files "$(module_source "${row[package]}" "${row[version]}")" "$1"
}

go_package() { # PATH: in the row's module
  if [[ $1 == . ]]; then echo "${row[package]}"; else echo "${row[package]}/$1"; fi
}

add_own_programs() { # ROOT
  local pair programs
  for pair in ${row[programs]}; do
    own_program "${pair%=*}" "${row[package]}" "${row[version]}"
    install -D -m 755 "$programs/${pair%=*}" "$1${pair#*=}"
  done
}

add_otel_programs() { # ROOT
  local pair programs
  for pair in ${row[programs]}; do
    otel_program "${pair%=*}" "${row[version]}"
    install -D -m 755 "$programs/${pair%=*}" "$1${pair#*=}"
  done
  add_files "$ci/programs/${row[package]}" "$1"
}

add_debian_programs() { # ROOT
  local debian found pair
  debian=$(fresh_dir "debian-$(slug "${row[package]}")")
  debian_root "$debian" "${row[package]}"
  found=$(chroot "$debian" dpkg-query --show --showformat '${source:Upstream-Version}' "${row[package]}")
  [[ $found == "${row[version]}" ]] || lacking "Debian $debian_suite has ${row[package]} $found, not ${row[version]}"
  for pair in ${row[programs]}; do
    install -D -m 755 "$debian${pair%=*}" "$1${pair#*=}"
    copy_libraries "$debian" "${pair%=*}" "$1"
  done
  add_files "$debian" "$1"
  rm -rf "$debian"
}

# sources_of_row: what of ci/programs goes into its image.
sources_of_row() {
  local pair
  [[ ${row[source]} =~ ^(own|otel)$ ]] || return 0
  for pair in ${row[programs]}; do own_sources "${pair%=*}"; done
}

add_files() { # SOURCE ROOT
  local pair from to
  for pair in ${row[files]}; do
    from=${pair%=*} to=$2${pair#*=}
    mkdir -p "$(dirname "$to")"
    if [[ $from == @* ]]; then
      ln -s "${from#@}" "$to"
    else
      cp -r --no-preserve=mode,ownership "$1/$from" "$to"
    fi
  done
}
