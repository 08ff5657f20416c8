//! What stands on a cluster after a scenario's steps, as far as its manifests say.

use std::collections::BTreeMap;

use super::{ObjectName, Step};
use crate::manifest::{ManifestFile, ManifestObject};

/// The objects applied so far, each as it was applied last.
#[derive(Debug, Default)]
pub(super) struct Standing<'a> {
    objects: BTreeMap<(&'a str, &'a str, &'a str), Applied<'a>>,
}

/// One object as it was applied last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Applied<'a> {
    pub(super) file: &'a str,
    pub(super) object: &'a ManifestObject,
    /// A step has deleted or scaled it since.
    touched: bool,
}

/// An object applied over what stood before.
#[derive(Debug)]
pub(super) struct Change<'a> {
    pub(super) before: Option<Applied<'a>>,
    pub(super) after: Applied<'a>,
}

impl Change<'_> {
    /// Whether the object was not there, or was otherwise.
    pub(super) fn differs(&self) -> bool {
        self.before.is_some_and(|before| before.touched) || self.is_rewritten()
    }

    /// Whether its manifest says something else than before.
    pub(super) fn is_rewritten(&self) -> bool {
        self.before
            .is_none_or(|before| before.object.value != self.after.object.value)
    }
}

impl<'a> Standing<'a> {
    /// Performs steps; answers with every object that they apply, in order.
    pub(super) fn perform(
        &mut self,
        steps: &'a [Step],
        manifests: &'a BTreeMap<String, ManifestFile>,
    ) -> Vec<Change<'a>> {
        let mut changes = Vec::new();
        for step in steps {
            match step {
                Step::Apply(name) => {
                    let file = manifests.get(&name.value);
                    for object in file.into_iter().flat_map(|file| &file.objects) {
                        let after = Applied {
                            file: &name.value,
                            object,
                            touched: false,
                        };
                        let before = self.objects.insert(key(object), after);
                        changes.push(Change { before, after });
                    }
                }
                Step::Delete(object) => self.touch(object),
                Step::Scale(scale) => self.touch(&scale.object),
                Step::Restart(_) | Step::Await(_) => {}
            }
        }
        changes
    }

    fn touch(&mut self, object: &'a ObjectName) {
        let key = (
            object.kind.value.as_str(),
            object.namespace.as_str(),
            object.name.value.as_str(),
        );
        if let Some(applied) = self.objects.get_mut(&key) {
            applied.touched = true;
        }
    }
}

fn key(object: &ManifestObject) -> (&str, &str, &str) {
    (
        &object.kind,
        object.namespace.as_deref().unwrap_or("default"),
        &object.name,
    )
}
