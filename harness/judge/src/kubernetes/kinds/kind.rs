//! One kind, with what is known of it.

/// A kind of Kubernetes' own.
#[derive(Debug)]
pub struct Kind {
    /// API group, empty for the core group.
    pub group: &'static str,
    /// The version in which it is watched.
    pub version: &'static str,
    /// The kind, for example `Deployment`.
    pub name: &'static str,
    /// Its name in paths of the API, for example `deployments`.
    pub plural: &'static str,
    pub(super) place: Scope,
    pub(super) template: Option<&'static str>,
    pub(super) traits: &'static [Trait],
}

/// Where the objects of a kind are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Namespace,
    Cluster,
}

/// What is so of some kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trait {
    /// Every scenario watches it.
    Standard,
    /// Its controller keeps so many pods of its template running.
    KeepsPods,
    /// Its number of replicas can be set.
    Scales,
    /// `kubectl rollout restart` makes its pods anew.
    RollsOut,
    /// `kubectl rollout pause` keeps its changes back.
    Pauses,
    /// A failure ends with it, so that taking it away is no cure.
    Subject,
    /// Its controller writes into its status which generation it has seen.
    TellsGeneration,
}

impl Kind {
    pub(super) const fn with(self, traits: &'static [Trait]) -> Self {
        Self { traits, ..self }
    }

    pub(super) const fn of_template(self, template: Option<&'static str>) -> Self {
        Self { template, ..self }
    }

    /// Whether this is so of the kind.
    #[must_use]
    pub fn is(&self, what: Trait) -> bool {
        self.traits.contains(&what)
    }

    /// Whether its objects are in namespaces.
    #[must_use]
    pub fn has_namespaces(&self) -> bool {
        self.place == Scope::Namespace
    }

    /// Where its objects say what pods they are or make, as a JSON pointer.
    #[must_use]
    pub const fn template(&self) -> Option<&'static str> {
        self.template
    }
}
