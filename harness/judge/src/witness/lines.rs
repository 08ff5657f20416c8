//! Log lines by container, so that a flood of one delays no look at another.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use super::{LogLine, Observation, PhaseMark, Record, Witness};
use crate::time::Millis;

/// Places of lines in the records, in order of arrival.
type Places = Vec<usize>;

/// The lines of each container of each pod.
#[derive(Debug, Default)]
pub(super) struct Lines {
    places: HashMap<String, BTreeMap<String, Places>>,
    /// What was looked for is remembered, so that each line is looked at once for each question,
    /// however often it is asked.
    asked: Mutex<HashMap<String, Vec<Asked>>>,
}

/// What was asked of a container, by pod: the lines that contain these texts.
#[derive(Debug)]
struct Asked {
    container: String,
    texts: Vec<String>,
    /// How many lines of the container were looked at.
    looked_at: usize,
    places: Places,
}

impl Lines {
    pub(super) fn push(&mut self, place: usize, line: &LogLine) {
        // Only the first line of a container costs its name.
        if !self.places.contains_key(&line.pod_uid) {
            self.places.insert(line.pod_uid.clone(), BTreeMap::new());
        }
        let Some(containers) = self.places.get_mut(&line.pod_uid) else {
            return;
        };
        match containers.get_mut(&line.container) {
            Some(places) => places.push(place),
            None => {
                containers.insert(line.container.clone(), vec![place]);
            }
        }
    }

    fn of(&self, pod_uid: &str, container: &str) -> &[usize] {
        let places = self
            .places
            .get(pod_uid)
            .and_then(|containers| containers.get(container));
        places.map(Vec::as_slice).unwrap_or_default()
    }
}

/// When a line arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrived {
    /// Its place among the records.
    pub place: usize,
    /// Its moment.
    pub at: Millis,
}

impl Witness {
    /// The line of a pod's container that arrived last, since a phase began where one is given.
    #[must_use]
    pub fn last_line(
        &self,
        (pod_uid, container): (&str, &str),
        since: Option<PhaseMark>,
    ) -> Option<(Arrived, &LogLine)> {
        let places = self.lines.of(pod_uid, container).iter().rev();
        self.arrived(places, since).next()
    }

    /// Looks at the lines of a pod's container that contain all these texts and arose since a phase
    /// began, where one is given, the last one first, until `found` finds something.
    pub fn find_line<'a, T>(
        &'a self,
        (pod_uid, container): (&str, &str),
        texts: &[String],
        since: Option<PhaseMark>,
        mut found: impl FnMut(Arrived, &'a LogLine) -> Option<T>,
    ) -> Option<T> {
        let all = self.lines.of(pod_uid, container);
        let asked = self.lines.asked.lock();
        let mut asked = asked.unwrap_or_else(PoisonError::into_inner);
        if !asked.contains_key(pod_uid) {
            asked.insert(pod_uid.to_owned(), Vec::new());
        }
        let of_pod = asked.get_mut(pod_uid)?;
        let is_it = |asked: &Asked| asked.container == container && asked.texts == texts;
        let index = of_pod.iter().position(is_it).unwrap_or_else(|| {
            of_pod.push(Asked {
                container: container.to_owned(),
                texts: texts.to_vec(),
                looked_at: 0,
                places: Vec::new(),
            });
            of_pod.len() - 1
        });
        let known = &mut of_pod[index];
        let contains = |place: &&usize| {
            line(&self.records, **place)
                .is_some_and(|(_, line)| texts.iter().all(|text| line.line.contains(text)))
        };
        let news = all[known.looked_at..].iter().filter(contains);
        known.places.extend(news);
        known.looked_at = all.len();
        self.arrived(known.places.iter().rev(), since)
            .find_map(|(arrived, line)| found(arrived, line))
    }

    /// Lines, the last one first, down to those that arose before a phase. The mark's time is in whole
    /// seconds, so a line of the same second counts only if it arrived after the mark.
    fn arrived<'a, 'p>(
        &'a self,
        places: impl Iterator<Item = &'p usize>,
        since: Option<PhaseMark>,
    ) -> impl Iterator<Item = (Arrived, &'a LogLine)> {
        let began = since.map_or(0, |mark| self.place_of(mark));
        let later = places.take_while(move |&&place| place >= began);
        later
            .filter_map(|&place| {
                let (at, line) = line(&self.records, place)?;
                Some((Arrived { place, at }, line))
            })
            .filter(move |(_, line)| since.is_none_or(|mark| line.time >= mark.server_time))
    }
}

fn line(records: &[Record], place: usize) -> Option<(Millis, &LogLine)> {
    let record = records.get(place)?;
    match &record.observation {
        Observation::Log(line) => Some((record.at, line)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phase::Phase;

    fn record(at: Millis, text: &str) -> Record {
        Record {
            at,
            observation: Observation::Log(LogLine {
                namespace: "default".to_owned(),
                pod: "web".to_owned(),
                pod_uid: "u1".to_owned(),
                container: "app".to_owned(),
                time: jiff::Timestamp::from_second(100).unwrap(),
                line: text.to_owned(),
            }),
        }
    }

    fn texts(text: &str) -> Vec<String> {
        vec![text.to_owned()]
    }

    fn found(witness: &Witness, text: &str, since: Option<PhaseMark>) -> Option<Millis> {
        let of = ("u1", "app");
        witness.find_line(of, &texts(text), since, |arrived, _| Some(arrived.at))
    }

    #[test]
    fn the_last_line_that_contains_a_text_is_found_and_later_ones_too() {
        let mut witness = Witness::default();
        for (at, text) in [(1, "panic"), (2, "panic"), (3, "tick")] {
            witness.push(record(at, text));
        }
        assert_eq!(found(&witness, "panic", None), Some(2));
        assert_eq!(found(&witness, "tick", None), Some(3));
        assert_eq!(found(&witness, "gone", None), None);
        witness.push(record(4, "panic"));
        assert_eq!(found(&witness, "panic", None), Some(4));
        let (arrived, last) = witness.last_line(("u1", "app"), None).unwrap();
        assert_eq!((arrived.place, last.line.as_str()), (3, "panic"));
        assert_eq!(witness.last_line(("u1", "other"), None), None);
    }

    #[test]
    fn a_line_of_before_a_phase_is_not_of_it() {
        let mark = PhaseMark {
            phase: Phase::Fault,
            resource_version: 1,
            server_time: jiff::Timestamp::from_second(100).unwrap(),
        };
        let mut witness = Witness::default();
        witness.push(record(1, "panic"));
        witness.push(Record {
            at: 2,
            observation: Observation::Phase(mark),
        });
        assert_eq!(found(&witness, "panic", Some(mark)), None);
        assert_eq!(witness.last_line(("u1", "app"), Some(mark)), None);
        witness.push(record(3, "panic"));
        assert_eq!(found(&witness, "panic", Some(mark)), Some(3));
    }

    #[test]
    fn each_line_is_compared_once_with_each_question_however_often_it_is_asked() {
        let mut witness = Witness::default();
        for at in 0..1_000 {
            witness.push(record(at, "tick"));
            assert_eq!(found(&witness, "panic", None), None);
            let asked = witness.lines.asked.lock().unwrap();
            let looked_at: Vec<usize> = asked["u1"].iter().map(|one| one.looked_at).collect();
            assert_eq!(looked_at, [witness.records.len()]);
        }
    }
}
