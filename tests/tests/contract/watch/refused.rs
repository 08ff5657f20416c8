//! Lists that the API server refuses.

use tokio::time::Instant;

use super::{LIST, deployments, listed, open, watch};
use crate::script::{Answer, Script};
use crate::witnessed::Watching;

#[tokio::test(start_paused = true)]
async fn a_permission_that_stays_refused_is_an_error_that_says_what_to_grant() {
    let message =
        "deployments.apps is forbidden: User \"dev\" cannot list resource \"deployments\"";
    let script = Script::default().on_each(LIST, Answer::failure(403, "Forbidden", message));
    let begun = Instant::now();
    let mut watching = Watching::start(deployments(), script);
    let error = watching.observer.synced().await.unwrap_err();
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    assert_eq!(
        error.to_string(),
        "the API server refuses to list deployments.apps in all namespaces: 403 deployments.apps \
         is forbidden: User \"dev\" cannot list resource \"deployments\"; grant the kubeconfig's \
         user the verbs list and watch on deployments.apps in all namespaces"
    );
    assert_eq!(watching.observer.failed().await, error);
    watching
        .expect(&[&format!("gap in watch of Deployment: 403 {message}")])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_reads_its_roles_is_given_a_minute() {
    let message = "RBAC: [clusterrole.rbac.authorization.k8s.io \"cluster-admin\" not found]";
    let script = Script::default().on_each(LIST, Answer::failure(403, "Forbidden", message));
    let begun = Instant::now();
    let watching = Watching::start(deployments(), script);
    assert!(watching.observer.synced().await.is_err());
    let waited = begun.elapsed().as_secs();
    assert!((60..75).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_is_not_served_is_an_error_that_names_it() {
    let missing = Answer::text(404, "404 page not found");
    let script = Script::default().on_each(LIST, missing);
    let watching = Watching::start(deployments(), script);
    let error = watching.observer.synced().await.unwrap_err().to_string();
    assert!(error.contains("404 404 page not found"), "{error}");
    assert!(
        error.contains("install what serves apps/v1 Deployment"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_a_server_that_just_started_is_a_gap_that_ends() {
    let refused = Answer::failure(403, "Forbidden", "RBAC: clusterrole \"x\" not found");
    let script = Script::default()
        .on(LIST, refused.clone())
        .on(LIST, refused)
        .on(LIST, listed(10, &[]))
        .on(&watch(10), open());
    let mut watching = Watching::start(deployments(), script);
    assert_eq!(watching.observer.synced().await, Ok(()));
    watching
        .expect(&[
            "gap in watch of Deployment: 403 RBAC: clusterrole \"x\" not found",
            "resumed watch of Deployment: listed again; states in between may be lost",
        ])
        .await;
    watching.expect_no_more().await;
}
