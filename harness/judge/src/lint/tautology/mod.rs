//! What the steps of a claim say themselves: a signature that reads only that shows nothing.

mod tests;

use std::collections::BTreeMap;

use jsonpath_rust::parser::model::{Segment, Selector as PathSelector};
use serde_json::{Value, json};

use super::places::place_of;
use crate::input::YamlNode;
use crate::input::diagnostic::Mistakes;
use crate::manifest::{ManifestFile, ManifestObject, pod_template};
use crate::remedy::applied_state::{Applied, AppliedState};
use crate::scenario::{Clause, FieldTest, ReadyClause, Scenario, Selector, StateClause, Step};

/// Finds signatures that hold by what the fault applies, questions of `ready` that hold by what the
/// remedy applies, and states that the manifests ask for themselves.
pub(crate) fn walk(
    scenario: &Scenario,
    manifests: &BTreeMap<String, ManifestFile>,
    root: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) {
    // What is declared as meant is no failure.
    let is_declared = |object: &ManifestObject| {
        let start = scenario.steady_state.iter().flat_map(|start| &start.goal);
        let faults = scenario.chain().flat_map(|failure| &failure.fault.goal);
        let mut declared = start.chain(faults);
        declared.any(|goal| goal.of.is_of(object))
    };
    let mut standing = AppliedState::at_the_start(scenario, manifests);
    for failure in scenario.chain() {
        let at = place_of(&failure, root);
        standing.perform(&failure.fault.steps, manifests);
        let said = Said::of(&standing, &failure.fault.steps);
        let is_said = |clause: &Clause| matches!(clause, Clause::State(state) if said.says(state));
        if !failure.signature.is_empty() && failure.signature.iter().all(is_said) {
            mistakes.add(
                at.key_position("signature"),
                "the fault itself writes everything that this signature reads",
                "add what the cluster makes of it: a status, an event, a log line or an answer"
                    .to_owned(),
            );
        }
        if failure.fault.asked_for.is_none()
            && let Some((object, state)) = asked_for(&standing, failure.signature)
            && !is_declared(object)
        {
            mistakes.add(
                at.key_position("signature"),
                format!(
                    "the documented failure is what the manifest of {object} asks for: {state}"
                ),
                "if it is a failure nevertheless, say why with `asked_for` in the fault".to_owned(),
            );
        }
    }
    standing.perform(&scenario.remedy.steps, manifests);
    let said = Said::of(&standing, &scenario.remedy.steps);
    for (index, clause) in scenario.ready.iter().enumerate() {
        if let ReadyClause::State(state) = clause
            && said.says(state)
        {
            mistakes.add(
                root.key("ready").index(index).key("state").position(),
                "the remedy itself writes everything that this reads",
                "ask for what the cluster makes of it: a status or an answer".to_owned(),
            );
        }
    }
}

/// What stands by the manifests and the steps alone.
struct Said<'a> {
    objects: Vec<(&'a ManifestObject, Value)>,
    /// What steps write into nodes.
    node: Value,
}

impl<'a> Said<'a> {
    fn of(standing: &AppliedState<'a>, steps: &[Step]) -> Self {
        let objects = standing.objects();
        let mut node = json!({});
        for step in steps.iter().filter(|step| step.is_on_nodes()) {
            write(&mut node, step);
        }
        Self {
            objects: objects
                .map(|applied| (applied.object, written(applied, steps)))
                .collect(),
            node,
        }
    }

    /// Whether a clause holds by what is written alone.
    fn says(&self, state: &StateClause) -> bool {
        let fields = &state.fields;
        if fields.is_empty() || fields.iter().any(reads_status) {
            return false;
        }
        let holds = |value: &Value| fields.iter().all(|field| field.holds(value));
        if state.of.kind.value == "Node" {
            return holds(&self.node);
        }
        self.objects.iter().any(|(object, value)| {
            self::selected(&state.of, object).is_some_and(|made| match made {
                Written::Itself => holds(value),
                Written::Template(template) => holds(template),
            })
        })
    }
}

/// An object as it was applied, with all that these steps write into it.
fn written(applied: &Applied<'_>, steps: &[Step]) -> Value {
    let mut value = applied.value().clone();
    for step in steps {
        if step.object().is_some_and(|name| name.is_of(applied.object)) {
            write(&mut value, step);
        }
    }
    value
}

/// Writes what a step sets into an object.
fn write(value: &mut Value, step: &Step) {
    match step {
        Step::Scale(scale) => set(value, &json!({"spec": {"replicas": scale.replicas}})),
        Step::Pause(_) => set(value, &json!({"spec": {"paused": true}})),
        Step::Cordon(_) | Step::Drain(_) => set(value, &json!({"spec": {"unschedulable": true}})),
        Step::Label(label) => set(value, &json!({"metadata": {"labels": label.labels}})),
        Step::Annotate(annotate) => {
            set(
                value,
                &json!({"metadata": {"annotations": annotate.annotations}}),
            );
        }
        Step::Patch(patch) => set(value, &patch.patch),
        _ => {}
    }
}

/// Fields as a merge patch sets them.
fn set(value: &mut Value, fields: &Value) {
    match (value, fields) {
        (Value::Object(own), Value::Object(fields)) => {
            for (key, field) in fields {
                set(own.entry(key.clone()).or_insert_with(|| json!({})), field);
            }
        }
        (value, field) => *value = field.clone(),
    }
}

/// What a selector means of a manifest's object.
enum Written<'a> {
    Itself,
    /// What is made from its template.
    Template(&'a Value),
}

fn selected<'a>(selector: &Selector, object: &'a ManifestObject) -> Option<Written<'a>> {
    let bears = |value: &Value| {
        let labels = value.pointer("/metadata/labels");
        let mut wanted = selector.labels.iter();
        wanted.all(|(key, is)| {
            let own = labels.and_then(|labels| labels.get(key));
            own.and_then(Value::as_str) == Some(is.value.as_str())
        })
    };
    if object.kind == selector.kind.value {
        let is_it = match &selector.name {
            Some(name) => name.value == object.name,
            None => bears(&object.value),
        };
        return is_it.then_some(Written::Itself);
    }
    let template = pod_template(&object.value).filter(|_| selector.kind.value == "Pod")?;
    let is_it = match &selector.name {
        Some(name) => name.value.starts_with(&format!("{}-", object.name)),
        None => bears(template),
    };
    is_it.then_some(Written::Template(template))
}

/// Whether a field is what the cluster says, and not what is asked of it.
fn reads_status(field: &FieldTest) -> bool {
    match field.path.query().segments.first() {
        Some(Segment::Selector(PathSelector::Name(name))) => name == "status",
        _ => true,
    }
}

/// An object of which a signature speaks, and the state that its manifest asks for.
fn asked_for<'a>(
    standing: &AppliedState<'a>,
    signature: &[Clause],
) -> Option<(&'a ManifestObject, &'static str)> {
    let selectors: Vec<&Selector> = signature
        .iter()
        .filter_map(|clause| match clause {
            Clause::State(state) => Some(&state.of),
            Clause::Event(event) => Some(&event.of),
            _ => None,
        })
        .collect();
    standing.objects().find_map(|applied| {
        let is_meant = |selector: &&Selector| selected(selector, applied.object).is_some();
        let state = meant(applied.value()).filter(|_| selectors.iter().any(is_meant))?;
        Some((applied.object, state))
    })
}

/// The state without work that an object asks for.
fn meant(value: &Value) -> Option<&'static str> {
    let is = |pointer: &str, expected: Value| value.pointer(pointer) == Some(&expected);
    if is("/spec/suspend", json!(true)) {
        return Some("`suspend: true`");
    }
    if is("/spec/replicas", json!(0)) {
        return Some("`replicas: 0`");
    }
    if is("/spec/paused", json!(true)) {
        return Some("`paused: true`");
    }
    let gates = pod_template(value)?.pointer("/spec/schedulingGates")?;
    let is_gated = gates.as_array().is_some_and(|gates| !gates.is_empty());
    is_gated.then_some("`schedulingGates`")
}
