//! Facts about Kubernetes itself, true for every cluster.

pub mod kinds;
mod object;

pub use object::{
    CANARY_NAMESPACE, DEFAULT_NAMESPACE, SYSTEM_NAMESPACES, number_at, resource_version, text_at,
    uid,
};
