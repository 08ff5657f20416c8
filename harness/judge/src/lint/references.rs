//! The objects that a claim names must be there to be named.

use std::collections::BTreeSet;

use super::known_objects::{KnownObject, KnownObjects};
use crate::input::diagnostic::Mistakes;
use crate::input::suggest::{did_you_mean, nearest, quoted};
use crate::input::{Position, YamlNode};
use crate::scenario::node_names::NODE_LABEL;
use crate::scenario::{HttpCheck, ObjectName, Selector};

/// An object by kind and name; answers with it.
pub(crate) fn object<'a>(
    made: &'a KnownObjects,
    object: &'a ObjectName,
    at: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) -> Option<&'a KnownObject> {
    let sort = Sort {
        group: object.group(),
        kind: &object.kind.value,
    };
    if !known_kind(made, sort, at, mistakes) {
        return None;
    }
    let name = &object.name.value;
    // The cluster makes up the names of nodes; steps and refusals use the scenario's.
    let mut nodes = made.of_kind(Some(""), "Node");
    if object.kind.value == "Node"
        && let Some(node) = nodes.find(|node| node.bears(NODE_LABEL, name))
    {
        return Some(node);
    }
    named(made, sort, name, &object.namespace, at, mistakes)
}

/// Objects by kind and either name or labels; answers with those that the selector means.
pub(crate) fn selector<'a>(
    made: &'a KnownObjects,
    selector: &'a Selector,
    at: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) -> Vec<&'a KnownObject> {
    let kind = &selector.kind.value;
    let sort = Sort {
        group: selector.group(),
        kind,
    };
    if !known_kind(made, sort, at, mistakes) {
        return Vec::new();
    }
    if selector.any_template && kind != "Pod" {
        mistakes.add(
            at.key_position("any_template"),
            format!("a {kind} is made from no template"),
            "leave `any_template` out; it is for pods".to_owned(),
        );
    }
    if let Some(name) = &selector.name {
        let thing = named(made, sort, &name.value, &selector.namespace, at, mistakes);
        return thing.into_iter().collect();
    }
    if selector.labels.is_empty() {
        mistakes.add(
            at.position(),
            format!("this selects every {kind}: it has neither `name` nor `labels`"),
            "add one of them".to_owned(),
        );
        return Vec::new();
    }
    labelled(made, selector, at, mistakes)
}

/// A kind, of any group where none is said.
#[derive(Clone, Copy)]
struct Sort<'a> {
    group: Option<&'a str>,
    kind: &'a str,
}

impl<'a> Sort<'a> {
    fn things(self, made: &'a KnownObjects) -> impl Iterator<Item = &'a KnownObject> {
        made.of_kind(self.group, self.kind)
    }
}

/// A kind that something has, of a group that is told where several have one of its name.
fn known_kind(
    made: &KnownObjects,
    sort: Sort<'_>,
    at: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) -> bool {
    let Sort { group, kind } = sort;
    is_made(made, kind, at, mistakes) && is_one_group(made, kind, group, at, mistakes)
}

fn is_one_group(
    made: &KnownObjects,
    kind: &str,
    group: Option<&str>,
    at: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) -> bool {
    let groups = made.groups(kind);
    let written = |group: &&str| if group.is_empty() { "v1" } else { *group }.to_owned();
    let written: Vec<String> = groups.iter().map(written).collect();
    let written: Vec<&str> = written.iter().map(String::as_str).collect();
    match group {
        Some(group) if !groups.contains(group) => {
            mistakes.add(
                at.key("apiVersion").position(),
                format!("no manifest makes a `{kind}` of the group `{group}`"),
                did_you_mean(group, &written, "groups that have one"),
            );
            false
        }
        None if groups.len() > 1 => {
            mistakes.add(
                at.key("kind").position(),
                format!(
                    "`{kind}` is a kind of several groups here: {}",
                    quoted(&written)
                ),
                format!("say which one, for example `apiVersion: {}`", written[0]),
            );
            false
        }
        _ => true,
    }
}

fn is_made(made: &KnownObjects, kind: &str, at: &YamlNode, mistakes: &mut Mistakes<'_>) -> bool {
    let kinds = made.kinds();
    let known = kinds.contains(kind);
    if !known {
        let kinds: Vec<&str> = kinds.into_iter().collect();
        let help = match nearest(kind, kinds.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "a claim can name what the manifests make, what controllers make from it, and \
                     what every kind cluster has"
                .to_owned(),
        };
        let position = at.key("kind").position();
        mistakes.add(position, format!("no manifest makes a `{kind}`"), help);
    }
    known
}

fn named<'a>(
    made: &'a KnownObjects,
    sort: Sort<'a>,
    name: &str,
    namespace: &str,
    at: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) -> Option<&'a KnownObject> {
    let kind = sort.kind;
    let found = sort
        .things(made)
        .find(|thing| thing.is_named(name) && thing.is_in(namespace));
    if found.is_none() {
        let elsewhere = sort.things(made).find(|thing| thing.is_named(name));
        let names: BTreeSet<String> = sort
            .things(made)
            .filter(|thing| thing.is_in(namespace))
            .filter_map(KnownObject::some_name)
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let help = match elsewhere.and_then(|thing| thing.namespace.as_deref()) {
            Some(own) => in_namespace(own),
            None if names.is_empty() => {
                format!("the names of these {kind} objects are made up; select them by `labels`")
            }
            None => did_you_mean(name, &names, &format!("{kind} objects in `{namespace}`")),
        };
        mistakes.add(
            at.key("name").position(),
            format!("no manifest makes {kind} `{name}` in namespace `{namespace}`"),
            help,
        );
    }
    found
}

fn labelled<'a>(
    made: &'a KnownObjects,
    selector: &'a Selector,
    at: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) -> Vec<&'a KnownObject> {
    let kind = &selector.kind.value;
    let fits = |thing: &KnownObject| {
        let mut labels = selector.labels.iter();
        labels.all(|(key, value)| thing.bears(key, &value.value))
    };
    let here = || {
        made.of_kind(selector.group(), kind)
            .filter(|thing| thing.is_in(&selector.namespace))
    };
    let found: Vec<&KnownObject> = here().filter(|thing| fits(thing)).collect();
    if !found.is_empty() {
        return found;
    }
    let strange = selector
        .labels
        .iter()
        .find(|(key, value)| !here().any(|thing| thing.bears(key, &value.value)));
    let (position, label) = match strange {
        Some((key, value)) => (
            at.key("labels").key(key).position(),
            format!("the label `{key}={}`", value.value),
        ),
        None => (
            at.key("labels").position(),
            "all of these labels".to_owned(),
        ),
    };
    let elsewhere = made
        .of_kind(selector.group(), kind)
        .find(|thing| fits(thing));
    let help = if let Some(own) = elsewhere.and_then(|thing| thing.namespace.as_deref()) {
        in_namespace(own)
    } else {
        let labels: BTreeSet<String> = here()
            .flat_map(|thing| &thing.labels)
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let word =
            strange.map_or_else(String::new, |(key, value)| format!("{key}={}", value.value));
        let what = format!("labels of {kind} objects in `{}`", selector.namespace);
        did_you_mean(&word, &labels, &what)
    };
    let message = format!(
        "no {kind} that the manifests make in namespace `{}` bears {label}",
        selector.namespace
    );
    mistakes.add(position, message, help);
    Vec::new()
}

fn in_namespace(namespace: &str) -> String {
    format!("it is in namespace `{namespace}`; add `namespace: {namespace}`")
}

/// A container of one of the things.
pub(crate) fn container(
    things: &[&KnownObject],
    name: &str,
    position: Position,
    mistakes: &mut Mistakes<'_>,
) {
    let known: BTreeSet<&str> = things
        .iter()
        .flat_map(|thing| &thing.containers)
        .map(String::as_str)
        .collect();
    // What every kind cluster has comes without its containers.
    if !known.is_empty() && !known.contains(name) {
        let known: Vec<&str> = known.into_iter().collect();
        let help = did_you_mean(name, &known, "containers of these pods");
        mistakes.add(
            position,
            format!("these pods have no container `{name}`"),
            help,
        );
    }
}

/// The Service and port of an HTTP check.
pub(crate) fn service(
    made: &KnownObjects,
    check: &HttpCheck,
    at: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) {
    let name = &check.service.value;
    let services = || made.of_kind(Some(""), "Service");
    let Some(service) =
        services().find(|service| service.is_named(name) && service.is_in(&check.namespace))
    else {
        let elsewhere = services().find(|service| service.is_named(name));
        let names: BTreeSet<String> = services()
            .filter(|service| service.is_in(&check.namespace))
            .filter_map(KnownObject::some_name)
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let help = match elsewhere.and_then(|service| service.namespace.as_deref()) {
            Some(own) => in_namespace(own),
            None => did_you_mean(name, &names, &format!("Services in `{}`", check.namespace)),
        };
        mistakes.add(
            at.key("service").position(),
            format!(
                "no manifest makes Service `{name}` in namespace `{}`",
                check.namespace
            ),
            help,
        );
        return;
    };
    if !service.ports.contains(&u64::from(check.port)) {
        let ports: Vec<String> = service.ports.iter().map(u64::to_string).collect();
        let ports: Vec<&str> = ports.iter().map(String::as_str).collect();
        mistakes.add(
            at.key("port").position(),
            format!("Service `{name}` has no port {}", check.port),
            format!("its ports: {}", quoted(&ports)),
        );
    }
}
