# The rows of ci/kubernetes.tsv: minor, what is built, what kind publishes.
kubernetes_row() { # MINOR COLUMN
  awk -v minor="$1" -v column="$2" '$1 == minor {print $column; found = 1} END {exit !found}' "$ci/kubernetes.tsv"
}

kubernetes_version() {
  kubernetes_row "$1" 2 || {
    say "ci/setup: Kubernetes '$1' is not in ci/kubernetes.tsv; known: $(awk '!/^#/ {printf "%s ", $1}' "$ci/kubernetes.tsv")"
    exit 1
  }
}

pulled_node_image() { kubernetes_row "$1" 3; }

# Any will do to find out whether a registry answers.
default_kubernetes() { awk '!/^#/ {minor = $1} END {print minor}' "$ci/kubernetes.tsv"; }
