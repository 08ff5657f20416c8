//! The parts of a claim as sentences, for a terminal or for a page of Markdown.

use crate::scenario::{
    Await, Cascade, Check, Clause, DeclaredGoal, Delete, EventClause, EventType, ExecCheck,
    FieldTest, HttpCheck, KubernetesRange, LoadedScenario, ObjectName, Picked, ReadyClause,
    Selector, Step, Trial,
};
use crate::text::markdown;

/// For whom a sentence is: it decides how names and exact texts are set off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// Plain text; exact texts are in quotation marks.
    Terminal,
    /// Markdown; names and exact texts are code.
    Page,
}

impl Voice {
    /// What a step does.
    #[must_use]
    pub fn step(self, step: &Step, loaded: &LoadedScenario) -> String {
        match step {
            Step::Apply(name) => format!("Apply {}.", self.file(&name.value, loaded)),
            Step::ServerSideApply(apply) => {
                let file = self.file(&apply.file.value, loaded);
                let force = if apply.force_conflicts {
                    ", by force where another manager has a field"
                } else {
                    ""
                };
                format!("Apply {file} on the server's side{force}.")
            }
            Step::Create(name) => format!("Create {}.", self.file(&name.value, loaded)),
            Step::Delete(delete) => self.delete(delete),
            Step::Patch(patch) => {
                let (object, patch) = (self.placed(&patch.object), patch.patch.to_string());
                format!("Patch {object} with {}.", self.word(&patch))
            }
            Step::Label(label) => {
                let settings = self.word(&label.settings().join(" "));
                format!("Label {} with {settings}.", self.placed(&label.object))
            }
            Step::Annotate(annotate) => {
                let settings = self.word(&annotate.settings().join(" "));
                format!(
                    "Annotate {} with {settings}.",
                    self.placed(&annotate.object)
                )
            }
            Step::Undo(object) => format!("Undo the rollout of {}.", self.placed(object)),
            Step::Pause(object) => format!("Pause the rollout of {}.", self.placed(object)),
            Step::Resume(object) => format!("Resume the rollout of {}.", self.placed(object)),
            Step::Exec(exec) => {
                let container = exec.container.as_deref();
                let container = container.map_or_else(String::new, |name| {
                    format!("container {} of ", self.word(name))
                });
                let command = markdown::code(&exec.command.join(" "));
                format!("Run {command} in {container}{}.", self.placed(&exec.target))
            }
            Step::Evict(evict) => format!("Evict {}.", self.picked(&evict.picked())),
            Step::Drain(drain) => {
                let node = self.word(&drain.node.value);
                format!("Drain the node {node}, for at most {}.", drain.within)
            }
            Step::Taint(taint) => {
                let taints = self.word(&taint.taints.join(" "));
                format!(
                    "Taint the node {} with {taints}.",
                    self.word(&taint.node.value)
                )
            }
            Step::Restart(object) => format!("Restart the rollout of {}.", self.placed(object)),
            Step::Scale(scale) => {
                let object = self.placed(&scale.object);
                format!("Scale {object} to {}.", scale.replicas)
            }
            Step::Cordon(node) => format!("Cordon the node {}.", self.word(&node.value)),
            Step::Uncordon(node) => format!("Uncordon the node {}.", self.word(&node.value)),
            Step::StopNode(node) => {
                let node = self.word(&node.value);
                format!("Stop the node {node}, as a loss of power does.")
            }
            Step::StartNode(node) => format!("Start the node {} again.", self.word(&node.value)),
            Step::Await(wait) => self.wait(wait),
        }
    }

    /// What several steps do, one after the other.
    #[must_use]
    pub fn steps(self, steps: &[Step], loaded: &LoadedScenario) -> String {
        let sentences: Vec<String> = steps.iter().map(|step| self.step(step, loaded)).collect();
        sentences.join(" ")
    }

    fn file(self, name: &str, loaded: &LoadedScenario) -> String {
        let objects = loaded.manifest(name).map(|file| &file.objects);
        let objects = objects.into_iter().flatten();
        let objects: Vec<String> = objects.map(ToString::to_string).collect();
        let objects = self.said(&objects.join(", "));
        format!("{} ({objects})", self.word(name))
    }

    fn delete(self, delete: &Delete) -> String {
        let picked = self.picked(&delete.picked());
        let owned = match delete.cascade {
            Cascade::Background => "",
            Cascade::Foreground => " after what it owns",
            Cascade::Orphan => ", but not what it owns",
        };
        let one = delete.name.is_some() || delete.count == Some(1);
        let waits = match (delete.wait, one) {
            (false, _) => ", and do not wait",
            (true, true) => ", and wait until it is gone",
            (true, false) => ", and wait until they are gone",
        };
        format!("Delete {picked}{owned}{waits}.")
    }

    fn picked(self, picked: &Picked) -> String {
        let namespace = self.in_namespace(&picked.of.namespace);
        format!("{}{namespace}", self.word(&format!("{picked:#}")))
    }

    fn wait(self, wait: &Await) -> String {
        if let Some(time) = wait.time {
            let because = wait.because.as_deref().unwrap_or_default();
            return format!("Let {time} pass: {}", self.said(because.trim()));
        }
        let awaited = match (&wait.state, &wait.gone) {
            (Some(state), _) => {
                let fields = self.fields(&state.fields);
                format!("for {}: {fields}", self.some(&state.of))
            }
            (None, Some(gone)) => {
                let namespace = self.in_namespace(&gone.namespace);
                format!(
                    "until no {}{namespace} is left",
                    self.word(&format!("{gone:#}"))
                )
            }
            (None, None) => "for nothing".to_owned(),
        };
        let within = wait.within.map(|within| format!(" at most {within}"));
        format!("Wait{} {awaited}.", within.unwrap_or_default())
    }

    /// What a clause of a signature sees, and on which versions.
    #[must_use]
    pub fn clause(self, clause: &Clause) -> String {
        let sentence = match clause {
            Clause::State(state) => self.object_with(&state.of, &state.fields),
            Clause::Event(event) => {
                let (severity, event) = self.event(event);
                format!("A {severity} {event}.")
            }
            Clause::NoEvent(event) => {
                format!("No {} {}.", self.event(event).0, self.event(event).1)
            }
            Clause::Log(log) => format!(
                "Container {} of {} logs a line with {}, in its present or an earlier run.",
                self.word(&log.container.value),
                self.some(&log.of),
                all(log.contains.iter().map(|text| self.exact(text))),
            ),
            Clause::NoLog(log) => format!(
                "Container {} of {} logs no line with {}.",
                self.word(&log.container.value),
                self.some(&log.of),
                all(log.contains.iter().map(|text| self.exact(text))),
            ),
            Clause::Refusal(refusal) => {
                let (object, message) = (self.placed(&refusal.of), self.exact(&refusal.message));
                format!("The API server refuses {object} and says {message}.")
            }
            Clause::Http(http) => format!("{}.", self.http(http)),
            Clause::Exec(exec) => format!("{}.", self.exec(exec)),
        };
        let outlives = clause.outlives_remedy().map_or_else(String::new, |reason| {
            format!(" It may outlive the remedy: {}", self.said(reason.trim()))
        });
        sentence + &outlives + &on_versions(clause.kubernetes())
    }

    fn object_with(self, of: &Selector, fields: &[FieldTest]) -> String {
        format!("{}: {}.", capital(&self.some(of)), self.fields(fields))
    }

    /// Its type, and the rest of it.
    fn event(self, event: &EventClause) -> (&'static str, String) {
        let severity = match event.severity {
            EventType::Normal => "Normal",
            EventType::Warning => "Warning",
        };
        let says = match event.message.as_str() {
            "" => String::new(),
            message => format!(" says {}", self.exact(message)),
        };
        let (reason, of) = (self.word(&event.reason.value), self.some(&event.of));
        (severity, format!("event {reason} about {of}{says}"))
    }

    /// What a clause of Ready asks for, and on which versions.
    #[must_use]
    pub fn ready(self, clause: &ReadyClause) -> String {
        self.clause(&match clause {
            ReadyClause::State(state) => Clause::State(state.clone()),
            ReadyClause::Http(http) => Clause::Http(http.clone()),
            ReadyClause::Exec(exec) => Clause::Exec(exec.clone()),
        })
    }

    /// What a user sees, how soon, and on which versions.
    #[must_use]
    pub fn check(self, check: &Check) -> String {
        let sentence = match check {
            Check::Http(http) => self.http(http),
            Check::Exec(exec) => self.exec(exec),
            Check::State(state) => {
                let (of, fields) = (self.some(&state.of), self.fields(&state.fields));
                format!("{}: {of} has {fields}", self.said(&state.name))
            }
            Check::Log(log) => format!(
                "{}: container {} of {} has logged a line with {}",
                self.said(&log.name),
                self.word(&log.container.value),
                self.some(&log.of),
                all(log.contains.iter().map(|text| self.exact(text))),
            ),
            Check::Event(check) => {
                let clause = check.clause();
                let (severity, event) = self.event(&clause);
                format!("{}: a {severity} {event}", self.said(&check.name))
            }
        };
        let range = on_versions(check.kubernetes());
        format!("{sentence}, within {}.{range}", check.within())
    }

    fn http(self, http: &HttpCheck) -> String {
        let mut answer = vec![format!("status {}", http.status)];
        let body = http.contains.iter();
        answer.extend(body.map(|text| format!("{} in its body", self.exact(text))));
        answer.extend(http.fields.iter().map(|field| self.field(field)));
        format!(
            "{}: {} of Service {} port {}{} answers with {}",
            self.said(&http.name),
            self.word(&format!("GET {}", http.path)),
            self.word(&http.service.value),
            http.port,
            self.in_namespace(&http.namespace),
            all(answer),
        )
    }

    fn exec(self, exec: &ExecCheck) -> String {
        let container = exec.container.as_deref();
        let container = container.map_or_else(String::new, |name| {
            format!("container {} of ", self.word(name))
        });
        format!(
            "{}: {} in {container}{} ends with code 0 and prints {}",
            self.said(&exec.name),
            markdown::code(&exec.command.join(" ")),
            self.placed(&exec.target),
            self.exact(&exec.contains),
        )
    }

    /// What is meant where a remedy takes something away.
    #[must_use]
    pub fn goal(self, goal: &DeclaredGoal) -> String {
        let of = self.placed(&goal.of);
        if goal.suspended == Some(true) {
            return format!("Goal: {of} is suspended.");
        }
        if goal.gated == Some(true) {
            return format!("Goal: the pods of {of} wait behind scheduling gates.");
        }
        if let Some(why) = &goal.less {
            let why = match self {
                Self::Terminal => why.trim().to_owned(),
                Self::Page => markdown::line(why.trim()),
            };
            return format!("Goal: {of} does less than before: {why}");
        }
        match (goal.absent, goal.replicas) {
            (Some(true), _) => format!("Goal: {of} is gone."),
            (_, Some(1)) => format!("Goal: {of} has 1 replica."),
            (_, number) => format!("Goal: {of} has {} replicas.", number.unwrap_or_default()),
        }
    }

    /// How the trial of a finding is made.
    #[must_use]
    pub fn trial(self, trial: &Trial, loaded: &LoadedScenario) -> String {
        format!(
            "Tried {} times by `relapse run --trials`, Ready within {}: {} To begin again: {}",
            trial.repeat,
            trial.within,
            self.steps(&trial.steps, loaded),
            self.steps(&trial.reset, loaded),
        )
    }

    fn some(self, selector: &Selector) -> String {
        let namespace = self.in_namespace(&selector.namespace);
        let selected = self.word(&format!("{selector:#}"));
        if selector.name.is_some() {
            format!("{selected}{namespace}")
        } else {
            format!("some {selected}{namespace}")
        }
    }

    fn placed(self, object: &ObjectName) -> String {
        let namespace = self.in_namespace(&object.namespace);
        format!("{}{namespace}", self.word(&format!("{object:#}")))
    }

    fn fields(self, fields: &[FieldTest]) -> String {
        all(fields.iter().map(|field| self.field(field)))
    }

    fn field(self, field: &FieldTest) -> String {
        match &field.contains {
            Some(text) => {
                let path = self.word(&field.path.to_string());
                format!("{path} contains {}", self.exact(text))
            }
            None => self.word(&field.to_string()),
        }
    }

    fn in_namespace(self, namespace: &str) -> String {
        if namespace == "default" {
            String::new()
        } else {
            format!(" in {}", self.said(namespace))
        }
    }

    /// A sentence of the scenario's own.
    fn said(self, sentence: &str) -> String {
        match self {
            Self::Terminal => sentence.to_owned(),
            Self::Page => markdown::line(sentence),
        }
    }

    /// A name, a path or the like.
    fn word(self, word: &str) -> String {
        match self {
            Self::Terminal => word.to_owned(),
            Self::Page => markdown::code(word),
        }
    }

    /// A text to the letter.
    fn exact(self, text: &str) -> String {
        match self {
            Self::Terminal => format!("{text:?}"),
            Self::Page => markdown::code(text),
        }
    }
}

/// For which versions a part is there, in brackets, where it is not for all.
#[must_use]
pub fn on_versions(range: Option<&KubernetesRange>) -> String {
    range.map_or_else(String::new, |range| format!(" (Kubernetes {range})"))
}

fn all(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().collect::<Vec<_>>().join(" and ")
}

/// The text with a capital letter.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}
