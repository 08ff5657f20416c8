//! What the runner tells the outside, in one order.

use std::path::PathBuf;

use tokio::sync::mpsc;

use relapse_judge::attempt_policy::{Nth, Tries};
use relapse_judge::phase::Phase;
use relapse_judge::verdict::Finished;

/// Something that happened in a run.
#[derive(Debug, Clone)]
pub enum Event {
    /// The run begins with these scenarios, in this order.
    Started {
        /// Ids of the scenarios.
        ids: Vec<String>,
        /// How often each is tried.
        tries: Tries,
        /// Kubernetes minor, for example `1.36`.
        kubernetes: String,
        /// Folder of the run's evidence.
        output: PathBuf,
    },
    /// An attempt is in another stage.
    Stage {
        /// Label of the attempt.
        label: String,
        /// The stage.
        stage: Stage,
    },
    /// An attempt waits for this, and this is the last thing it saw.
    Waiting {
        /// Label of the attempt.
        label: String,
        /// What is awaited.
        awaited: String,
        /// What was seen last.
        seen: String,
    },
    /// A line from the set-up, while something is pulled or built for the scenario.
    SetUp {
        /// Label of the attempt; empty where it is for all of them.
        label: String,
        /// The line.
        line: String,
    },
    /// Something to tell that ends nothing: a cluster that was kept, and how to look inside.
    Note {
        /// Label of the attempt.
        label: String,
        /// The note.
        text: String,
    },
    /// An attempt proved nothing, and another follows.
    TriedAgain {
        /// Label of the attempt that ended.
        label: String,
        /// Which one it was.
        nth: Nth,
        /// Label of the one that follows.
        next: String,
        /// The verdict of the one that ended, and its measures.
        finished: Box<Finished>,
    },
    /// A repetition is judged, or a scenario after its last attempt.
    Finished {
        /// Label of the repetition or of the last attempt.
        label: String,
        /// The verdict and its measures.
        finished: Box<Finished>,
        /// Folder of its evidence; none if nothing was touched.
        evidence: Option<PathBuf>,
    },
}

/// Where an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Waits for its turn.
    Queued,
    /// Capabilities and images are made sure of.
    Preflight,
    /// Its cluster is being made.
    Cluster,
    /// Its cluster is ready and it waits for its turn.
    Ready,
    /// A phase of the experiment.
    Phase(Phase),
    /// Evidence is written and the cluster deleted.
    CleanUp,
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Queued => f.pad("queued"),
            Self::Preflight => f.pad("preflight"),
            Self::Cluster => f.pad("cluster"),
            Self::Ready => f.pad("ready"),
            Self::Phase(phase) => phase.fmt(f),
            Self::CleanUp => f.pad("clean-up"),
        }
    }
}

/// Where events go; cheap to clone. A receiver that is gone loses them, never the run.
#[derive(Debug, Clone)]
pub struct Events(mpsc::UnboundedSender<Event>);

impl Events {
    /// A channel of events.
    #[must_use]
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Where nobody listens.
    #[must_use]
    pub fn silent() -> Self {
        Self::channel().0
    }

    /// Tells one event.
    pub fn tell(&self, event: Event) {
        // A closed receiver means that nobody looks any more.
        let _ = self.0.send(event);
    }
}
