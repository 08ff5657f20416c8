//! The kinds that a cluster serves, and what it has of them.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt, stream};
use kube::api::{DynamicObject, ListParams};
use kube::discovery::{ApiGroup, ApiResource, Discovery, Scope, verbs};
use kube::{Api, Client};

use super::ExternalError;
use super::inventory::{Inventory, Item, ObjectPlace, served_namespace};

/// How many kinds are listed at once.
const AT_ONCE: usize = 8;

/// Groups and kinds that come and go on their own; `*` is every kind of a group.
const RESTLESS: [(&str, &str); 4] = [
    ("", "Event"),
    ("events.k8s.io", "*"),
    ("coordination.k8s.io", "*"),
    // Kubelets ask for new certificates, and old requests are forgotten.
    ("certificates.k8s.io", "CertificateSigningRequest"),
];

/// The kinds of which something can be left behind.
#[derive(Debug, Clone)]
pub struct ServedKinds(Vec<(ApiResource, Scope)>);

impl ServedKinds {
    /// Asks the cluster for its kinds. What cannot be deleted, as measures and reviews, is left out.
    ///
    /// # Errors
    /// The API server does not answer.
    pub async fn of(client: &Client) -> Result<Self, ExternalError> {
        let discovery = Discovery::new(client.clone())
            .run_aggregated()
            .await
            .map_err(|error| ExternalError::api("tell its kinds", &error))?;
        let kinds = discovery
            .groups()
            .flat_map(ApiGroup::resources_by_stability)
            .filter(|(_, can)| {
                can.supports_operation(verbs::LIST) && can.supports_operation(verbs::DELETE)
            })
            .filter(|(kind, _)| !is_restless(kind))
            .map(|(kind, can)| (kind, can.scope))
            .collect();
        Ok(Self(kinds))
    }

    /// Whether objects of this kind, of any group where none is given, are in namespaces. A kind
    /// that is not known yet is taken to be.
    #[must_use]
    pub fn has_namespaces(&self, group: Option<&str>, kind: &str) -> bool {
        self.0
            .iter()
            .find(|(known, _)| known.kind == kind && group.is_none_or(|group| known.group == group))
            .is_none_or(|(_, scope)| *scope == Scope::Namespaced)
    }

    /// The API of the objects of a place.
    #[must_use]
    pub fn api(&self, client: &Client, place: &ObjectPlace) -> Option<Api<DynamicObject>> {
        let (kind, _) = self
            .0
            .iter()
            .find(|(known, _)| known.kind == place.kind && known.group == place.group)?;
        Some(api(client, kind, &place.namespace))
    }

    /// What there is: everything in these namespaces, and everything outside of any but for what
    /// serves other namespaces.
    ///
    /// # Errors
    /// The API server does not answer, or refuses to list a kind.
    pub async fn inventory(
        &self,
        client: &Client,
        namespaces: &BTreeSet<String>,
    ) -> Result<Inventory, ExternalError> {
        let mut lists = Vec::new();
        for (kind, scope) in &self.0 {
            match scope {
                Scope::Cluster => lists.push(list(api(client, kind, ""), kind.clone())),
                Scope::Namespaced => lists.extend(
                    namespaces
                        .iter()
                        .map(|namespace| list(api(client, kind, namespace), kind.clone())),
                ),
            }
        }
        let is_ours =
            |served: Option<&str>| served.is_none_or(|served| namespaces.contains(served));
        let listed: Vec<Vec<(ObjectPlace, DynamicObject)>> = stream::iter(lists)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(listed
            .into_iter()
            .flatten()
            .filter(|(_, object)| is_ours(served_namespace(object)))
            .map(|(place, object)| (place, Item::of(&object)))
            .collect())
    }
}

fn is_restless(kind: &ApiResource) -> bool {
    RESTLESS
        .iter()
        .any(|(group, name)| *group == kind.group && (*name == "*" || *name == kind.kind))
}

fn api(client: &Client, kind: &ApiResource, namespace: &str) -> Api<DynamicObject> {
    if namespace.is_empty() {
        Api::all_with(client.clone(), kind)
    } else {
        Api::namespaced_with(client.clone(), namespace, kind)
    }
}

async fn list(
    api: Api<DynamicObject>,
    kind: ApiResource,
) -> Result<Vec<(ObjectPlace, DynamicObject)>, ExternalError> {
    let objects = match api.list(&ListParams::default()).await {
        Ok(objects) => objects,
        // The kind was taken away since it was asked for.
        Err(kube::Error::Api(status)) if status.code == 404 => return Ok(Vec::new()),
        Err(error) => return Err(ExternalError::api(&format!("list {}", kind.plural), &error)),
    };
    Ok(objects
        .into_iter()
        .map(|object| {
            let place = ObjectPlace {
                kind: kind.kind.clone(),
                group: kind.group.clone(),
                namespace: object.metadata.namespace.clone().unwrap_or_default(),
                name: object.metadata.name.clone().unwrap_or_default(),
            };
            (place, object)
        })
        .collect())
}
