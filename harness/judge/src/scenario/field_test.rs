//! Tests of one field of an object, addressed by a `JSONPath` (RFC 9535).

use std::fmt;

use jsonpath_rust::parser::model::{JpQuery, Segment, Selector};
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::{QueryRef, js_path_process};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// What a path may look like, for messages. Keys with dots, which kubectl takes as `a\.b`, are in quotes.
const LOOKS_LIKE: &str = "a path looks like `.status.phase`, `.spec.containers[0].image`, \
    `.status.conditions[?@.type=='Ready'].status` or `.metadata.labels['app.kubernetes.io/name']`, \
    without the braces and backslashes of kubectl";

/// A `JSONPath` that starts at the object: `.status.phase`,
/// `.status.conditions[?@.type=='Available'].status`.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(with = "String", extend("pattern" = r"^[.\[]"))]
pub struct FieldPath {
    text: String,
    #[schemars(skip)]
    query: JpQuery,
}

impl FieldPath {
    /// Every value at this path; none if the field is absent.
    #[must_use]
    pub fn values<'a>(&self, object: &'a Value) -> Vec<&'a Value> {
        js_path_process(&self.query, object)
            .map(|found| found.into_iter().map(QueryRef::val).collect())
            .unwrap_or_default()
    }

    pub(crate) const fn query(&self) -> &JpQuery {
        &self.query
    }

    /// Whether it ends in the value of a label, an annotation or another key that is free.
    pub(crate) fn ends_in_free_key(&self) -> bool {
        let mut names = self.query.segments.iter().rev().skip(1);
        let free = [
            "labels",
            "annotations",
            "data",
            "matchLabels",
            "nodeSelector",
        ];
        matches!(names.next(), Some(Segment::Selector(Selector::Name(name)))
            if free.contains(&name.as_str()))
    }
}

impl std::str::FromStr for FieldPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !text.starts_with(['.', '[']) {
            return Err(format!(
                "path `{text}` does not start with `.`; {LOOKS_LIKE}"
            ));
        }
        let query = parse_json_path(&format!("${text}")).map_err(|error| {
            // The parser draws its own picture of the place; its last line says what it wanted.
            let error = error.to_string();
            let wanted = error.lines().last().unwrap_or_default();
            let wanted = wanted.trim_start_matches([' ', '=']);
            format!("path `{text}` is not a JSONPath (RFC 9535): {wanted}; {LOOKS_LIKE}")
        })?;
        Ok(Self {
            text: text.to_owned(),
            query,
        })
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for FieldPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// What the values at a path must be. Exactly one test is given; where the path finds several
/// values, one that fits is enough.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldTest {
    /// Where to look.
    pub path: FieldPath,
    /// Equals this scalar.
    #[serde(default)]
    pub is: Option<Value>,
    /// Equals one of these scalars.
    #[serde(default, rename = "in")]
    pub one_of: Option<Vec<Value>>,
    /// Is a text that contains this.
    #[serde(default)]
    pub contains: Option<String>,
    /// Is a number, at least this.
    #[serde(default)]
    pub at_least: Option<f64>,
    /// Is there, or is not.
    #[serde(default)]
    pub exists: Option<bool>,
}

impl FieldTest {
    /// How many of the tests are given; a valid one has exactly one.
    #[must_use]
    pub fn tests_given(&self) -> usize {
        usize::from(self.is.is_some())
            + usize::from(self.one_of.is_some())
            + usize::from(self.contains.is_some())
            + usize::from(self.at_least.is_some())
            + usize::from(self.exists.is_some())
    }

    /// Whether the object's field is as said.
    #[must_use]
    pub fn holds(&self, object: &Value) -> bool {
        let values = self.path.values(object);
        if let Some(expected) = self.exists {
            return values.is_empty() != expected;
        }
        values.into_iter().any(|value| self.fits(value))
    }

    fn fits(&self, value: &Value) -> bool {
        if let Some(expected) = &self.is {
            return value == expected;
        }
        if let Some(choices) = &self.one_of {
            return choices.contains(value);
        }
        if let Some(text) = &self.contains {
            return value.as_str().is_some_and(|actual| actual.contains(text));
        }
        if let Some(least) = self.at_least {
            return number(value).is_some_and(|actual| actual >= least);
        }
        false
    }

    /// What the object shows at the path, for messages.
    #[must_use]
    pub fn seen(&self, object: &Value) -> String {
        let values = self.path.values(object);
        if values.is_empty() {
            return format!("{} is absent", self.path);
        }
        let shown: Vec<String> = values.into_iter().map(Value::to_string).collect();
        format!("{} is {}", self.path, shown.join(", "))
    }
}

/// Query APIs give numbers as JSON strings (Prometheus' sample values), objects as numbers.
fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

impl fmt::Display for FieldTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some(expected) = &self.is {
            return write!(f, " is {expected}");
        }
        if let Some(choices) = &self.one_of {
            let shown: Vec<String> = choices.iter().map(Value::to_string).collect();
            return write!(f, " is one of {}", shown.join(", "));
        }
        if let Some(text) = &self.contains {
            return write!(f, " contains {text:?}");
        }
        if let Some(least) = self.at_least {
            return write!(f, " is at least {least}");
        }
        match self.exists {
            Some(true) => f.write_str(" is there"),
            _ => f.write_str(" is absent"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn test(yaml: &str) -> FieldTest {
        serde_saphyr::from_str(yaml).unwrap()
    }

    fn pod() -> Value {
        json!({"status": {
            "phase": "Pending",
            "restarts": 3,
            "sample": "0.5",
            "empty": "",
            "conditions": [
                {"type": "Ready", "status": "False"},
                {"type": "PodScheduled", "status": "True"},
            ],
        }})
    }

    #[test]
    fn a_field_test_holds_where_the_field_is_as_said() {
        for yaml in [
            "{path: .status.phase, is: Pending}",
            "{path: .status.restarts, is: 3}",
            "{path: .status.phase, in: [Running, Pending]}",
            "{path: .status.phase, contains: end}",
            "{path: .status.restarts, at_least: 3}",
            "{path: .status.sample, at_least: 0.5}",
            "{path: .status.empty, exists: true}",
            "{path: .status.nominatedNodeName, exists: false}",
            "{path: \".status.conditions[?@.type=='PodScheduled'].status\", is: 'True'}",
            "{path: '.status.conditions[*].status', is: 'True'}",
            "{path: '.status.conditions[?(@.type==\"PodScheduled\")].status', is: 'True'}",
        ] {
            assert!(test(yaml).holds(&pod()), "{yaml}");
        }
    }

    #[test]
    fn a_field_test_does_not_hold_yet_where_the_field_is_otherwise() {
        for yaml in [
            "{path: .status.phase, is: Running}",
            "{path: .status.restarts, is: '3'}",
            "{path: .status.phase, in: [Running, Succeeded]}",
            "{path: .status.restarts, contains: '3'}",
            "{path: .status.restarts, at_least: 4}",
            "{path: .status.phase, at_least: 0}",
            "{path: .status.phase, exists: false}",
            "{path: .status.nominatedNodeName, exists: true}",
            "{path: \".status.conditions[?@.type=='Ready'].status\", is: 'True'}",
        ] {
            assert!(!test(yaml).holds(&pod()), "{yaml}");
        }
    }

    #[test]
    fn a_field_that_is_absent_fits_nothing_but_its_absence() {
        for yaml in [
            "{path: .spec.x, is: 1}",
            "{path: .spec.x, in: [1]}",
            "{path: .spec.x, contains: ''}",
            "{path: .spec.x, at_least: 0}",
            "{path: '.status.conditions[7].status', is: 'True'}",
        ] {
            assert!(!test(yaml).holds(&pod()), "{yaml}");
        }
        assert_eq!(
            test("{path: .spec.x, is: 1}").seen(&pod()),
            ".spec.x is absent"
        );
    }

    #[test]
    fn a_field_test_says_what_it_wants_and_what_it_sees() {
        let wanted = test("{path: .status.phase, in: [Running, Succeeded]}");
        assert_eq!(
            wanted.to_string(),
            r#".status.phase is one of "Running", "Succeeded""#
        );
        assert_eq!(wanted.seen(&pod()), r#".status.phase is "Pending""#);
    }

    #[test]
    fn the_tests_given_are_counted() {
        assert_eq!(test("{path: .a}").tests_given(), 0);
        assert_eq!(test("{path: .a, is: 1}").tests_given(), 1);
        assert_eq!(test("{path: .a, is: 1, exists: true}").tests_given(), 2);
    }

    #[test]
    fn a_path_is_a_json_path_from_the_object_on() {
        let path: FieldPath = ".metadata.labels['a/b']".parse().unwrap();
        let object = json!({"metadata": {"labels": {"a/b": "c"}}});
        assert_eq!(path.values(&object), [&json!("c")]);
        let bare = "status.phase".parse::<FieldPath>().unwrap_err();
        assert!(bare.contains("looks like `.status.phase`"), "{bare}");
        for of_kubectl in [
            "{.status.phase}",
            r".metadata.labels.app\.kubernetes\.io/name",
            r".metadata.labels['app\.kubernetes\.io/name']",
            r#".status.conditions[?(@.type==\"Ready\")].status"#,
        ] {
            let told = of_kubectl.parse::<FieldPath>().unwrap_err();
            assert!(told.contains("a path looks like"), "{told}");
        }
        let broken = ".status[".parse::<FieldPath>().unwrap_err();
        assert!(broken.contains("is not a JSONPath"), "{broken}");
    }
}
