# shellcheck shell=bash
# Kubernetes: the rows of ci/kubernetes.tsv (minor, what is built, what kind publishes), and its programs.
kubernetes_components=(kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet kubeadm kubectl)

kubernetes_row() { # MINOR COLUMN
  awk -v minor="$1" -v column="$2" '$1 == minor {print $column; found = 1} END {exit !found}' "$ci/kubernetes.tsv"
}

kubernetes_version() {
  kubernetes_row "$1" 2 || give_up "Kubernetes '$1' is not in ci/kubernetes.tsv" "choose one of: $(awk '!/^#/ {print $1}' "$ci/kubernetes.tsv" | xargs)"
}

pulled_node_image() { kubernetes_row "$1" 3; }

# Any will do to find out whether a registry answers.
newest_kubernetes() { awk '!/^#/ {minor = $1} END {print minor}' "$ci/kubernetes.tsv"; }

# kubernetes_programs VERSION: like programs. kubeadm refuses to work without the version stamps.
kubernetes_programs() {
  local version=$1 stamp=k8s.io/component-base/version minor
  minor=${version#v1.}
  programs k8s.io/kubernetes "$version" "" \
    "-X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=${minor%%.*} -X $stamp.gitTreeState=clean -X $stamp.gitCommit=unknown" \
    "${kubernetes_components[@]/#/k8s.io/kubernetes/cmd/}"
}
