//! Paths and values of clauses, against what a kind's objects can have at all.

use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, JpQuery, Literal, Segment, Selector, SingularQuery,
    SingularQuerySegment, Test,
};
use serde_json::Value;

use super::api_schema::{FieldForm, Shape};
use crate::input::suggest::did_you_mean;
use crate::scenario::FieldTest;

/// The fields in which containers are listed.
const CONTAINERS: &[&str] = &[
    "containers",
    "initContainers",
    "ephemeralContainers",
    "containerStatuses",
    "initContainerStatuses",
    "ephemeralContainerStatuses",
];

/// Why no object of a kind ever fits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// What is wrong.
    pub(crate) message: String,
    /// What to write instead.
    pub(crate) help: String,
}

/// What stands at the end of a path, as far as that is known.
pub(crate) fn end<'a>(query: &JpQuery, kind: &str, shape: Shape<'a>) -> Result<Shape<'a>, Misfit> {
    PathWalk {
        kind,
        at: String::new(),
    }
    .segments(&query.segments, shape)
}

struct PathWalk<'k> {
    kind: &'k str,
    /// The path as far as it was walked.
    at: String,
}

impl PathWalk<'_> {
    fn segments<'a>(
        &mut self,
        segments: &[Segment],
        mut shape: Shape<'a>,
    ) -> Result<Shape<'a>, Misfit> {
        for segment in segments {
            shape = match segment {
                Segment::Selector(selector) => self.selector(selector, shape)?,
                Segment::Selectors(several) => {
                    for selector in several {
                        let mut aside = PathWalk {
                            kind: self.kind,
                            at: self.at.clone(),
                        };
                        aside.selector(selector, shape)?;
                    }
                    return Ok(Shape::Any);
                }
                // Anything may be below.
                Segment::Descendant(_) => return Ok(Shape::Any),
            };
        }
        Ok(shape)
    }

    fn selector<'a>(&mut self, selector: &Selector, shape: Shape<'a>) -> Result<Shape<'a>, Misfit> {
        match selector {
            Selector::Name(name) => self.name(name, shape),
            Selector::Index(index) => self.list(&format!("[{index}]"), shape),
            Selector::Slice(..) => self.list("[:]", shape),
            Selector::Wildcard => {
                self.at.push_str("[*]");
                Ok(shape.entry())
            }
            Selector::Filter(filter) => {
                let entry = match shape.form() {
                    FieldForm::List | FieldForm::Mapping | FieldForm::Any => shape.entry(),
                    form => return Err(self.wrong_form(form)),
                };
                self.at.push_str("[*]");
                self.filter(filter, entry)?;
                Ok(entry)
            }
        }
    }

    fn name<'a>(&mut self, name: &str, shape: Shape<'a>) -> Result<Shape<'a>, Misfit> {
        match shape.form() {
            FieldForm::Any | FieldForm::Mapping => {}
            form => return Err(self.wrong_form(form)),
        }
        let Some(field) = shape.field(name) else {
            let of = if self.at.is_empty() { "it" } else { &self.at };
            return Err(Misfit {
                message: format!("a {} has no field `{}{}`", self.kind, self.at, step(name)),
                help: did_you_mean(name, &shape.names(), &format!("fields of {of}")),
            });
        };
        self.at.push_str(&step(name));
        Ok(field)
    }

    fn list<'a>(&mut self, step: &str, shape: Shape<'a>) -> Result<Shape<'a>, Misfit> {
        match shape.form() {
            FieldForm::Any | FieldForm::List => {}
            form => return Err(self.wrong_form(form)),
        }
        self.at.push_str(step);
        Ok(shape.entry())
    }

    fn wrong_form(&self, form: FieldForm) -> Misfit {
        let help = match form {
            FieldForm::List => {
                "choose its entries first, for example `[0]`, `[*]` or `[?@.name=='web']`"
            }
            FieldForm::Mapping => "name one of its fields, for example `.name`",
            _ => "end the path here",
        };
        Misfit {
            message: format!("`{}` of a {} is {form}", self.at, self.kind),
            help: help.to_owned(),
        }
    }

    fn filter(&self, filter: &Filter, entry: Shape<'_>) -> Result<(), Misfit> {
        match filter {
            Filter::Or(several) | Filter::And(several) => {
                several.iter().try_for_each(|one| self.filter(one, entry))
            }
            Filter::Atom(FilterAtom::Filter { expr, .. }) => self.filter(expr, entry),
            Filter::Atom(FilterAtom::Test { expr, .. }) => match &**expr {
                Test::RelQuery(segments) => self.inside().segments(segments, entry).map(|_| ()),
                Test::AbsQuery(_) | Test::Function(_) => Ok(()),
            },
            Filter::Atom(FilterAtom::Comparison(comparison)) => self.comparison(comparison, entry),
        }
    }

    fn comparison(&self, comparison: &Comparison, entry: Shape<'_>) -> Result<(), Misfit> {
        let (left, right) = comparison.vals();
        for (one, other) in [(left, right), (right, left)] {
            let Comparable::SingularQuery(SingularQuery::Current(segments)) = one else {
                continue;
            };
            let mut inside = self.inside();
            let mut shape = entry;
            for segment in segments {
                shape = match segment {
                    SingularQuerySegment::Name(name) => inside.name(name, shape)?,
                    SingularQuerySegment::Index(index) => {
                        inside.list(&format!("[{index}]"), shape)?
                    }
                };
            }
            if let Comparable::Literal(literal) = other {
                inside.value(&value_of(literal), shape)?;
            }
        }
        Ok(())
    }

    fn inside(&self) -> Self {
        Self {
            kind: self.kind,
            at: self.at.clone(),
        }
    }

    fn value(&self, value: &Value, shape: Shape<'_>) -> Result<(), Misfit> {
        let help = match (shape.form(), value) {
            (FieldForm::Any, _)
            | (FieldForm::Text | FieldForm::Quantity, Value::String(_))
            | (FieldForm::Number, Value::Number(_))
            | (FieldForm::Boolean, Value::Bool(_))
            | (_, Value::Null) => return Ok(()),
            (FieldForm::Whole, Value::Number(number)) if number.is_i64() || number.is_u64() => {
                return Ok(());
            }
            (FieldForm::Text | FieldForm::Quantity, Value::Bool(is)) => {
                format!(
                    "write it in quotes: `'{}'`",
                    if *is { "True" } else { "False" }
                )
            }
            (FieldForm::Text | FieldForm::Quantity, Value::Number(number)) => {
                format!("write it in quotes: `'{number}'`")
            }
            (FieldForm::Whole, Value::Number(_)) => "write a whole number".to_owned(),
            (FieldForm::Whole | FieldForm::Number, _) => {
                "write a number, without quotes".to_owned()
            }
            (FieldForm::Boolean, _) => "write `true` or `false`, without quotes".to_owned(),
            (form @ (FieldForm::List | FieldForm::Mapping), _) => self.wrong_form(form).help,
            (FieldForm::Text | FieldForm::Quantity, _) => "write a text".to_owned(),
        };
        Err(Misfit {
            message: format!(
                "`{}` of a {} is {}, never `{value}`",
                self.at,
                self.kind,
                shape.form()
            ),
            help,
        })
    }
}

/// Whether the value of a test can ever stand at the end of its path; the key of the value that cannot,
/// with its place in a list.
pub(crate) fn values(
    field: &FieldTest,
    kind: &str,
    shape: Shape<'_>,
) -> Result<(), (&'static str, Option<usize>, Misfit)> {
    let end = PathWalk {
        kind,
        at: field.path.to_string(),
    };
    if let Some(value) = &field.is {
        end.value(value, shape)
            .map_err(|misfit| ("is", None, misfit))?;
    }
    for (index, value) in field.one_of.iter().flatten().enumerate() {
        end.value(value, shape)
            .map_err(|misfit| ("in", Some(index), misfit))?;
    }
    let form = shape.form();
    let misfit = |what: &str, help: &str| Misfit {
        message: format!("`{}` of a {kind} is {form}, and {what}", field.path),
        help: help.to_owned(),
    };
    let is_text = matches!(form, FieldForm::Any | FieldForm::Text | FieldForm::Quantity);
    if field.contains.is_some() && !is_text {
        let misfit = misfit(
            "`contains` looks into texts",
            "use `is`, `at_least` or `exists`",
        );
        return Err(("contains", None, misfit));
    }
    // Annotations and labels hold numbers as texts.
    let is_named_text = form == FieldForm::Text && !field.path.ends_in_free_key();
    let is_no_number = matches!(
        form,
        FieldForm::Boolean | FieldForm::List | FieldForm::Mapping
    ) || is_named_text;
    if field.at_least.is_some() && is_no_number {
        let misfit = misfit(
            "`at_least` compares numbers",
            "use `is`, `in` or `contains`",
        );
        return Err(("at_least", None, misfit));
    }
    Ok(())
}

/// The containers that a path asks for by name.
pub(crate) fn containers(query: &JpQuery) -> Vec<&str> {
    chosen(query, CONTAINERS, "name")
}

/// The conditions that a path asks for by type.
pub(crate) fn conditions(query: &JpQuery) -> Vec<&str> {
    chosen(query, &["conditions"], "type")
}

/// The values by which a path chooses entries of such lists.
fn chosen<'q>(query: &'q JpQuery, lists: &[&str], key: &str) -> Vec<&'q str> {
    let mut found = Vec::new();
    let mut list = "";
    for segment in &query.segments {
        match segment {
            Segment::Selector(Selector::Name(name)) => list = name,
            Segment::Selector(Selector::Filter(filter)) if lists.contains(&list) => {
                names(filter, key, &mut found);
            }
            _ => {}
        }
    }
    found
}

fn names<'q>(filter: &'q Filter, key: &str, found: &mut Vec<&'q str>) {
    match filter {
        Filter::Or(several) | Filter::And(several) => {
            for one in several {
                names(one, key, found);
            }
        }
        Filter::Atom(FilterAtom::Filter { expr, not: false }) => names(expr, key, found),
        Filter::Atom(FilterAtom::Comparison(comparison)) => {
            let Comparison::Eq(left, right) = &**comparison else {
                return;
            };
            let is_name = |one: &Comparable| {
                matches!(one, Comparable::SingularQuery(SingularQuery::Current(segments))
                    if matches!(&**segments, [SingularQuerySegment::Name(name)] if name == key))
            };
            match (left, right) {
                (name, Comparable::Literal(Literal::String(text)))
                | (Comparable::Literal(Literal::String(text)), name)
                    if is_name(name) =>
                {
                    found.push(text);
                }
                _ => {}
            }
        }
        Filter::Atom(_) => {}
    }
}

/// A step of a path as it is written.
fn step(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain {
        format!(".{name}")
    } else {
        format!("['{name}']")
    }
}

fn value_of(literal: &Literal) -> Value {
    match literal {
        Literal::String(text) => Value::from(text.as_str()),
        Literal::Int(number) => Value::from(*number),
        Literal::Float(number) => Value::from(*number),
        Literal::Bool(is) => Value::from(*is),
        Literal::Null => Value::Null,
    }
}

#[cfg(test)]
mod tests;
