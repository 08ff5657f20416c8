//! What real clusters said of scenarios last.

use std::collections::BTreeMap;

use super::Finished;

/// The recorded verdicts of scenarios, one for each version of Kubernetes.
#[derive(Debug, Clone, Default)]
pub struct RecordedVerdicts(BTreeMap<String, Vec<Finished>>);

impl RecordedVerdicts {
    /// The verdicts of a scenario by its id, the oldest version first; none where it was not recorded.
    #[must_use]
    pub fn of(&self, id: &str) -> &[Finished] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }

    /// What a scenario was found to be, and where: `proved on 1.34, 1.36`.
    #[must_use]
    pub fn told(&self, id: &str) -> Option<String> {
        let mut words: Vec<(&str, Vec<&str>)> = Vec::new();
        for finished in self.of(id) {
            let word = finished.verdict.word();
            match words.iter_mut().find(|(known, _)| *known == word) {
                Some((_, versions)) => versions.push(&finished.kubernetes),
                None => words.push((word, vec![&finished.kubernetes])),
            }
        }
        let told = words
            .iter()
            .map(|(word, versions)| format!("{word} on {}", versions.join(", ")));
        let told: Vec<String> = told.collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

impl FromIterator<Finished> for RecordedVerdicts {
    fn from_iter<I: IntoIterator<Item = Finished>>(verdicts: I) -> Self {
        let mut proofs: BTreeMap<String, Vec<Finished>> = BTreeMap::new();
        for finished in verdicts {
            proofs
                .entry(finished.id.clone())
                .or_default()
                .push(finished);
        }
        for verdicts in proofs.values_mut() {
            verdicts.sort_by(|a, b| a.kubernetes.cmp(&b.kubernetes));
        }
        Self(proofs)
    }
}

#[cfg(test)]
mod tests {
    use super::RecordedVerdicts;
    use crate::testing::sample;
    use crate::verdict::Finished;

    fn on(version: &str, finished: Finished) -> Finished {
        Finished {
            id: "web".to_owned(),
            kubernetes: version.to_owned(),
            ..finished
        }
    }

    #[test]
    fn verdicts_are_told_by_their_words_and_versions() {
        let proved = [on("1.36", sample::proved()), on("1.34", sample::proved())];
        let proofs: RecordedVerdicts = proved.into_iter().collect();
        assert_eq!(proofs.told("web").as_deref(), Some("proved on 1.34, 1.36"));
        let differ = [
            on("1.34", sample::refuted()),
            on("1.35", sample::proved()),
            on("1.36", sample::proved()),
        ];
        let proofs: RecordedVerdicts = differ.into_iter().collect();
        let told = proofs.told("web");
        let words = "refuted on 1.34; proved on 1.35, 1.36";
        assert_eq!(told.as_deref(), Some(words));
        assert_eq!(proofs.told("other"), None);
        assert!(proofs.of("other").is_empty());
    }
}
