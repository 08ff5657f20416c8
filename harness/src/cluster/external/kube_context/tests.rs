use std::io::{Read, Seek};

use tempfile::TempDir;

use super::*;

const FIRST: &str = "apiVersion: v1
kind: Config
current-context: precious
contexts:
- {name: precious, context: {cluster: precious, user: precious}}
- {name: lent, context: {cluster: lent, user: lender, namespace: elsewhere}}
clusters:
- {name: precious, cluster: {server: 'https://192.0.2.1:6443'}}
users:
- {name: precious, user: {token: precious}}
- {name: lender, user: {token: secret}}
";

const SECOND: &str = "apiVersion: v1
kind: Config
contexts:
- {name: lent, context: {cluster: precious, user: precious}}
- {name: half, context: {cluster: nowhere, user: lender}}
clusters:
- {name: lent, cluster: {server: 'https://192.0.2.2:6443', certificate-authority: ca.crt}}
";

struct Files(TempDir);

impl Files {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("first"), FIRST).unwrap();
        std::fs::write(folder.path().join("second"), SECOND).unwrap();
        Self(folder)
    }

    fn offer(&self, context: &str) -> Result<KubeContext, ExternalError> {
        let files = ["first", "missing", "second"];
        let files = files.map(|name| self.0.path().join(name));
        KubeContext::in_files(context, &files)
    }
}

#[test]
fn a_context_is_found_as_kubectl_finds_it_in_several_files() {
    let offer = Files::new().offer("lent").unwrap();
    assert_eq!(offer.context(), "lent");
    assert_eq!(offer.server(), "https://192.0.2.2:6443");
}

#[test]
fn what_is_offered_is_this_context_alone_without_its_namespace() {
    let files = Files::new();
    let mut file = nameless(&files.offer("lent").unwrap().kubeconfig).unwrap();
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    let written: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(written["current-context"], "lent");
    assert_eq!(
        written["contexts"],
        serde_json::json!([{"name": "lent", "context": {"cluster": "lent", "user": "lender"}}])
    );
    assert_eq!(
        written["users"],
        serde_json::json!([{"name": "lender", "user": {"token": "secret"}}])
    );
    // A file beside the user's is still found from elsewhere.
    assert_eq!(
        written["clusters"][0]["cluster"]["certificate-authority"],
        files.0.path().join("ca.crt").display().to_string()
    );
    assert!(!text.contains("precious"), "{text}");
}

#[test]
fn a_context_that_is_not_there_is_told_with_those_that_are() {
    let error = Files::new().offer("prod").unwrap_err().to_string();
    assert_eq!(
        error,
        "the kubeconfig has no context `prod` (it has: precious, lent, half); \
         next: `kubectl config get-contexts`"
    );
}

#[test]
fn a_context_whose_cluster_is_not_there_names_it() {
    let error = Files::new().offer("half").unwrap_err().to_string();
    assert_eq!(
        error,
        "the kubeconfig has no server of the cluster `nowhere` of the context `half`; \
         next: `kubectl config get-contexts`"
    );
}
