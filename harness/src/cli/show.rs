//! `relapse show`: a claim in words.

mod beside;

use std::fmt::Write;

use crate::scenario::{
    Await, Check, Clause, EventType, ExecCheck, FieldTest, Finding, HttpCheck, KubernetesRange,
    LoadedScenario, ObjectName, Part, Selector, SteadyState, Step, Trial, remedy_diff,
};

const WIDTH: usize = 88;

/// Lines of a change that is shown once more.
const SHORT: usize = 8;

/// The whole claim of a scenario, for a reader who has not seen its file, the diff of what is broken
/// to what is remedied, and the parts of the remedy.
#[must_use]
pub fn show(loaded: &LoadedScenario) -> String {
    let mut page = Page(String::new());
    let scenario = &loaded.scenario;
    page.line(0, &loaded.id);
    page.line(0, &scenario.title);
    page.section("About");
    page.prose(&scenario.about);
    page.section("Facts");
    if loaded.is_variant() {
        page.line(2, &format!("variant of  {}", loaded.failure()));
    }
    page.line(2, &format!("component   {}", scenario.component));
    page.line(2, &format!("source      {}", scenario.source));
    if !scenario.tags.is_empty() {
        page.line(2, &format!("tags        {}", scenario.tags.join(", ")));
    }
    let range = scenario.kubernetes.as_ref().map(ToString::to_string);
    let range = range.unwrap_or_else(|| "every version".to_owned());
    page.line(2, &format!("kubernetes  {range}"));
    page.line(2, &format!("images      {}", loaded.images().join(", ")));
    for image in &scenario.absent_images {
        page.line(2, &format!("premise     no registry has {}", image.value));
    }
    if let Some(steady_state) = &scenario.steady_state {
        page.steady_state(steady_state, loaded);
    }
    page.section("Fault: what breaks");
    page.steps(&scenario.fault.steps, loaded);
    page.section(&format!(
        "Signature: within {} all of this is seen",
        scenario.fault.within
    ));
    for clause in &scenario.signature {
        page.clause("  - ", clause);
    }
    page.section("Control");
    let hold = scenario.control.hold;
    page.prose(&format!(
        "Nothing is touched for {hold}, and the failure stands."
    ));
    page.section("Remedy: what cures");
    page.steps(&scenario.remedy.steps, loaded);
    let (within, hold) = (scenario.remedy.within, scenario.remedy.hold);
    page.prose(&format!(
        "Within {within} everything applied is Ready, and stays so for {hold} without a restart; \
             the signature is gone."
    ));
    if !scenario.checks.is_empty() {
        page.section("Checks: what a user sees then");
        page.checks(&scenario.checks);
    }
    page.wrong_remedies(loaded);
    page.alternatives(loaded);
    page.harmless(loaded);
    page.statements(&scenario.claims);
    if !scenario.findings.is_empty() {
        page.section("Findings");
        for finding in &scenario.findings {
            page.finding(finding, loaded);
        }
    }
    page.section("From broken to remedied");
    match remedy_diff(loaded) {
        diff if diff.is_empty() => page.line(2, "The manifests stay as they are."),
        diff => page.0.push_str(&diff),
    }
    page.section("Parts of the remedy: each is needed, precautions apart");
    page.parts(&loaded.parts());
    page.0
}

struct Page(String);

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{:indent$}{text}", "");
    }

    fn section(&mut self, title: &str) {
        self.line(0, "");
        self.line(0, title);
    }

    /// Paragraphs in lines of at most `WIDTH`, with a blank line between.
    fn prose(&mut self, text: &str) {
        for (index, paragraph) in text.trim().split("\n\n").enumerate() {
            if index > 0 {
                self.line(0, "");
            }
            self.paragraph("  ", paragraph);
        }
    }

    /// A paragraph that hangs beside a mark.
    fn paragraph(&mut self, mark: &str, text: &str) {
        let indent = mark.len();
        let mut line = mark.to_owned();
        for word in text.split_whitespace() {
            let length = line.chars().count();
            if length > indent && length + word.chars().count() > WIDTH {
                self.line(0, line.trim_end());
                line = " ".repeat(indent);
            }
            line.push_str(word);
            line.push(' ');
        }
        self.line(0, line.trim_end());
    }

    /// A sentence of a list.
    fn item(&mut self, sentence: &str) {
        self.paragraph("  - ", sentence);
    }

    fn clause(&mut self, mark: &str, clause: &Clause) {
        let sentence = clause_sentence(clause) + &on_versions(clause.kubernetes());
        self.paragraph(mark, &sentence);
    }

    fn check(&mut self, mark: &str, check: &Check) {
        let sentence = match check {
            Check::Http(http) => http_sentence(http),
            Check::Exec(exec) => exec_sentence(exec),
        };
        let within = check.within();
        let range = on_versions(check.kubernetes());
        self.paragraph(mark, &format!("{sentence}, within {within}.{range}"));
    }

    fn steady_state(&mut self, steady_state: &SteadyState, loaded: &LoadedScenario) {
        self.section("Steady state: the healthy start");
        self.steps(&steady_state.steps, loaded);
        let (within, hold) = (steady_state.within, steady_state.hold);
        self.prose(
            &format!("Within {within} everything applied is Ready, and stays so for {hold} without a restart."),
        );
        self.checks(&steady_state.checks);
    }

    fn steps(&mut self, steps: &[Step], loaded: &LoadedScenario) {
        for (index, step) in steps.iter().enumerate() {
            self.paragraph(&format!("  {}. ", index + 1), &step_sentence(step, loaded));
        }
    }

    fn checks(&mut self, checks: &[Check]) {
        for check in checks {
            self.check("  - ", check);
        }
    }

    fn parts(&mut self, parts: &[Part]) {
        for (index, part) in parts.iter().enumerate() {
            self.paragraph(&format!("  {}. ", index + 1), &part.name);
            // The longer ones are easily found in the diff from broken to remedied.
            if part.diff.lines().count() <= SHORT {
                part.diff.lines().for_each(|line| self.line(5, line));
            }
            if let Some(reason) = &part.precaution {
                self.paragraph("     ", &format!("precaution: {reason}"));
            }
        }
    }

    fn finding(&mut self, finding: &Finding, loaded: &LoadedScenario) {
        self.item(&finding.title);
        for paragraph in finding.text.trim().split("\n\n") {
            self.paragraph("    ", paragraph);
        }
        if let Some(trial) = &finding.trial {
            self.paragraph("    ", &trial_sentence(trial, loaded));
        }
    }
}

fn step_sentence(step: &Step, loaded: &LoadedScenario) -> String {
    match step {
        Step::Apply(name) => {
            let objects = loaded.manifest(&name.value).map(|file| &file.objects);
            let objects: Vec<String> = objects
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect();
            format!("Apply {} ({}).", name.value, objects.join(", "))
        }
        Step::Delete(object) => format!("Delete {}, and wait until it is gone.", placed(object)),
        Step::Restart(object) => format!("Restart the rollout of {}.", placed(object)),
        Step::Scale(scale) => {
            format!("Scale {} to {}.", placed(&scale.object), scale.replicas)
        }
        Step::Await(wait) => await_sentence(wait),
    }
}

fn await_sentence(wait: &Await) -> String {
    let awaited = match (&wait.state, &wait.gone) {
        (Some(state), _) => format!("for {}: {}", some(&state.of), tests(&state.fields)),
        (None, Some(gone)) => format!("until no {gone}{} is left", of_namespace(&gone.namespace)),
        (None, None) => "for nothing".to_owned(),
    };
    format!("Wait at most {} {awaited}.", wait.within)
}

fn clause_sentence(clause: &Clause) -> String {
    match clause {
        Clause::State(state) => format!("{}: {}.", capital(&some(&state.of)), tests(&state.fields)),
        Clause::Event(event) => {
            let severity = match event.severity {
                EventType::Normal => "Normal",
                EventType::Warning => "Warning",
            };
            let says = match event.message.as_str() {
                "" => String::new(),
                message => format!(" says {message:?}"),
            };
            let of = some(&event.of);
            format!(
                "A {severity} event {} about {of}{says}.",
                event.reason.value
            )
        }
        Clause::Log(log) => format!(
            "Container {} of {} logs a line with {}, in its present or an earlier run.",
            log.container.value,
            some(&log.of),
            all(log.contains.iter().map(|text| format!("{text:?}"))),
        ),
        Clause::Refusal(refusal) => {
            format!(
                "The API server refuses {} and says {:?}.",
                placed(&refusal.of),
                refusal.message
            )
        }
        Clause::Http(http) => format!("{}.", http_sentence(http)),
        Clause::Exec(exec) => format!("{}.", exec_sentence(exec)),
    }
}

fn http_sentence(http: &HttpCheck) -> String {
    let mut answer = vec![format!("status {}", http.status)];
    answer.extend(
        http.contains
            .iter()
            .map(|text| format!("{text:?} in its body")),
    );
    answer.extend(http.fields.iter().map(ToString::to_string));
    format!(
        "{}: GET {} of Service {} port {}{} answers with {}",
        http.name,
        http.path,
        http.service.value,
        http.port,
        of_namespace(&http.namespace),
        all(answer),
    )
}

fn exec_sentence(exec: &ExecCheck) -> String {
    let container = exec.container.as_deref();
    let container = container.map_or_else(String::new, |name| format!("container {name} of "));
    format!(
        "{}: `{}` in {container}{} ends with code 0 and prints {:?}",
        exec.name,
        exec.command.join(" "),
        placed(&exec.target),
        exec.contains,
    )
}

fn sentences(steps: &[Step], loaded: &LoadedScenario) -> String {
    let sentences: Vec<String> = steps
        .iter()
        .map(|step| step_sentence(step, loaded))
        .collect();
    sentences.join(" ")
}

fn trial_sentence(trial: &Trial, loaded: &LoadedScenario) -> String {
    format!(
        "Tried {} times by `relapse run --trials`, Ready within {}: {} To begin again: {}",
        trial.repeat,
        trial.within,
        sentences(&trial.steps, loaded),
        sentences(&trial.reset, loaded),
    )
}

/// For which versions a part is there, in brackets, where it is not for all.
fn on_versions(range: Option<&KubernetesRange>) -> String {
    range.map_or_else(String::new, |range| format!(" (Kubernetes {range})"))
}

fn some(selector: &Selector) -> String {
    let namespace = of_namespace(&selector.namespace);
    if selector.name.is_some() {
        format!("{selector}{namespace}")
    } else {
        format!("some {selector}{namespace}")
    }
}

fn placed(object: &ObjectName) -> String {
    format!("{object}{}", of_namespace(&object.namespace))
}

fn of_namespace(namespace: &str) -> String {
    if namespace == "default" {
        String::new()
    } else {
        format!(" in {namespace}")
    }
}

fn tests(fields: &[FieldTest]) -> String {
    all(fields.iter().map(ToString::to_string))
}

fn all(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().collect::<Vec<_>>().join(" and ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}
