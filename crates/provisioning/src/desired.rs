//! What a person's account should be: the mappings' verdict, in the target's kinds. Pure.

use std::collections::HashSet;
use std::sync::OnceLock;

use base::Message;
use mapping::{
    Apply, Attributes, EvalError, Expression, Flow, Mapped, MappingSet, Person, Source, WhenEmpty, Written,
};
use serde_json::Value;

use crate::account::{Known, PathError, Secrets, TargetPath, typed};
use crate::target_attributes::CustomAttribute;

/// A checked mapping table whose targets are places that the engine can write to.
#[derive(Debug, Clone)]
pub struct Mappings {
    set: MappingSet,
    /// Beside the rows of `set`.
    paths: Vec<TargetPath>,
    secrets: Secrets,
    /// The attributes of a person that the table reads, without those that must not be shown.
    shown: Vec<String>,
}

/// What a table gives for one person, worked out once for all who ask in the course of one piece of work: the plan, more
/// than once, and the log. It is kept for who may sign in and for who may not.
#[derive(Debug, Clone, Default)]
pub struct Worked {
    // Not in place: whoever waits for a target holds it.
    allowed: Box<Given>,
    denied: Box<Given>,
}

#[derive(Debug, Clone, Default)]
struct Given {
    mapped: OnceLock<Result<Vec<Mapped>, EvalError>>,
    /// In the kinds of their places.
    values: OnceLock<Result<Vec<Values>, Message>>,
}

/// What goes to one place.
#[derive(Debug, Clone)]
struct Values {
    value: Option<Value>,
    on_create: Option<Value>,
    candidates: Vec<Value>,
}

impl Worked {
    /// `person` and `ambient` are the same every time, but for whether they may sign in.
    pub(crate) fn out(
        &self,
        mappings: &Mappings,
        person: &Person<'_>,
        ambient: &dyn mapping::Ambient,
    ) -> Result<&[Mapped], &EvalError> {
        self.given(person).mapped(mappings, person, ambient)
    }

    /// What the account of this person should be.
    pub(crate) fn wants<'m>(
        &self,
        mappings: &'m Mappings,
        person: &Person<'_>,
        ambient: &dyn mapping::Ambient,
    ) -> Result<Vec<Want<'m>>, Message> {
        let given = self.given(person);
        let mapped = given.mapped(mappings, person, ambient);
        let values = given.values.get_or_init(|| {
            let wants = mappings.wants(mapped)?;
            Ok(wants.into_iter().map(Values::from).collect())
        });
        let values = values.as_ref().map_err(Clone::clone)?;
        let rows = mapped.unwrap_or_default().iter().zip(&mappings.paths);
        Ok(rows
            .zip(values.iter().cloned())
            .map(|((mapped, path), values)| Want::of(mapped, path, values))
            .collect())
    }

    fn given(&self, person: &Person<'_>) -> &Given {
        if person.is_soft_deleted {
            &self.denied
        } else {
            &self.allowed
        }
    }
}

impl Given {
    fn mapped(
        &self,
        mappings: &Mappings,
        person: &Person<'_>,
        ambient: &dyn mapping::Ambient,
    ) -> Result<&[Mapped], &EvalError> {
        let mapped = self.mapped.get_or_init(|| mappings.set.evaluate(person, ambient));
        mapped.as_deref()
    }
}

impl From<Want<'_>> for Values {
    fn from(want: Want<'_>) -> Self {
        Self {
            value: want.value,
            on_create: want.on_create,
            candidates: want.candidates,
        }
    }
}

/// One place and what should be there.
#[derive(Debug, Clone)]
pub struct Want<'a> {
    pub path: &'a TargetPath,
    /// `None`: no value.
    pub value: Option<Value>,
    /// What a new account gets.
    pub on_create: Option<Value>,
    /// What a new account may get, the first of these that no other account has. Empty: `on_create`, whoever has it.
    pub candidates: Vec<Value>,
    pub when_empty: WhenEmpty,
    pub apply: Apply,
    pub flow: Flow,
    pub matching: Option<u8>,
    /// Who must have an account before there is a value.
    pub waits_for: Option<String>,
}

impl<'a> Want<'a> {
    fn of(mapped: &Mapped, path: &'a TargetPath, values: Values) -> Self {
        Self {
            path,
            value: values.value,
            on_create: values.on_create,
            candidates: values.candidates,
            when_empty: mapped.when_empty,
            apply: mapped.apply,
            flow: mapped.flow,
            matching: mapped.matching,
            waits_for: None,
        }
    }

    /// Whether an account that exists is to be brought to this value.
    pub(crate) fn counts_on_update(&self, known: &Known) -> bool {
        self.apply == Apply::Always
            && match self.flow {
                Flow::Replace => self.value.is_some() || self.when_empty == WhenEmpty::Clear,
                Flow::FillIn => self.value.is_some() && known.get(self.path).is_none(),
                Flow::Ignore => false,
            }
    }
}

impl Mappings {
    /// For targets that have the attributes of the schemas only.
    pub fn new(set: MappingSet) -> Result<Self, PathError> {
        Self::declared(set, &[])
    }

    /// For a target of which more attributes are declared.
    pub fn declared(set: MappingSet, custom: &[CustomAttribute]) -> Result<Self, PathError> {
        let rows = || set.rows().zip(set.expressions());
        let paths = rows()
            .map(|(row, expression)| match expression {
                Some(expression) if expression.is_complex() => TargetPath::parse_list(&row.target),
                _ => TargetPath::declared(&row.target, custom),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let secrets = rows()
            .zip(&paths)
            .filter(|((_, expression), _)| expression.is_some_and(Expression::is_secret))
            .map(|(_, path)| path.clone())
            .collect();
        let shown = shown(&set);
        Ok(Self {
            secrets: Secrets::new(secrets),
            set,
            paths,
            shown,
        })
    }

    /// The attributes of a person that the table reads, without those that must not be shown.
    pub(crate) fn shown(&self) -> &[String] {
        &self.shown
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Whether a place names somebody else's account.
    pub(crate) fn has_references(&self) -> bool {
        self.paths.iter().any(TargetPath::is_reference)
    }

    pub fn set(&self) -> &MappingSet {
        &self.set
    }

    pub fn paths(&self) -> &[TargetPath] {
        &self.paths
    }

    /// The place that says whether the account may sign in, if a mapping names it.
    pub fn active(&self) -> Option<&TargetPath> {
        self.paths.iter().find(|path| {
            path.schema.is_none() && path.sub.is_none() && path.attribute.eq_ignore_ascii_case("active")
        })
    }

    /// Whether two people who may both sign in, or may both not, can get different values of `active`, or such as may
    /// not mean what the person's state says.
    pub(crate) fn sign_in_depends_on_person(&self) -> bool {
        let Some(active) = self.active() else {
            return false;
        };
        let mut rows = self.set.rows().zip(&self.paths);
        let Some((row, _)) = rows.find(|(_, path)| *path == active) else {
            return false;
        };
        let told_by_state = match &row.source {
            Source::Constant(_) | Source::None => true,
            Source::Attribute(name) => is_soft_deleted(name),
            Source::Expression(Written { text, language }) => Expression::parse_as(*language, text)
                .is_ok_and(|expression| expression.attributes().into_iter().all(is_soft_deleted)),
        };
        let nothing = scim::Object::new();
        let nobody = Person::new(&nothing, "");
        let denied = |wants: Vec<Want<'_>>| {
            let denies = |want: &Want<'_>| want.path == active && want.value == Some(Value::Bool(false));
            wants.iter().any(denies)
        };
        !told_by_state
            || self
                .desired(&nobody, &mapping::Still::default())
                .map_or(true, denied)
    }

    /// The matching attributes of an account, as far as they are known, the one to be tried first in front.
    pub(crate) fn keys_of(&self, known: &Known) -> Vec<(TargetPath, Value)> {
        let rows = self.set.rows().zip(&self.paths);
        let mut keys: Vec<_> = rows
            .filter_map(|(row, path)| Some((row.matching?, path, known.get(path)?)))
            .collect();
        keys.sort_by_key(|(precedence, ..)| *precedence);
        keys.into_iter()
            .map(|(_, path, value)| (path.clone(), value.clone()))
            .collect()
    }

    /// What the account of this person should be.
    pub fn desired(
        &self,
        person: &dyn Attributes,
        ambient: &dyn mapping::Ambient,
    ) -> Result<Vec<Want<'_>>, Message> {
        let mapped = self.set.evaluate(person, ambient);
        self.wants(mapped.as_deref())
    }

    /// The same, of what the table gave.
    fn wants(&self, mapped: Result<&[Mapped], &EvalError>) -> Result<Vec<Want<'_>>, Message> {
        let mapped = mapped.map_err(|error| {
            Message::new("mapping.failed")
                .with("target", error.target.as_deref().unwrap_or_default())
                .with("detail", &error.message)
        })?;
        let mut wants = mapped
            .iter()
            .zip(&self.paths)
            .map(|(mapped, path)| {
                let refused = |detail: String| {
                    let message = Message::new("mapping.value").with("target", path);
                    if mapped.is_secret {
                        return message;
                    }
                    message.with("detail", detail)
                };
                let value = |value: &mapping::Value| typed(path.shape, value).map_err(refused);
                let candidates = mapped
                    .candidates
                    .iter()
                    .map(value)
                    .collect::<Result<Vec<_>, _>>()?;
                let values = Values {
                    value: value(&mapped.value_on_update())?,
                    on_create: value(&mapped.value_on_create())?,
                    candidates: candidates.into_iter().flatten().collect(),
                };
                Ok(Want::of(mapped, path, values))
            })
            .collect::<Result<Vec<_>, _>>()?;
        leave_no_husks(&mut wants);
        Ok(wants)
    }
}

/// What describes the value of an element (its `display`, that it is `primary`) is nothing where there is no value: targets
/// drop such an element, or show it for ever.
fn leave_no_husks(wants: &mut [Want<'_>]) {
    let is = |want: &Want<'_>, sub: &str| {
        let own = want.path.sub.as_deref();
        want.path.in_element() && own.is_some_and(|own| own.eq_ignore_ascii_case(sub))
    };
    let describes = |want: &Want<'_>| is(want, "display") || is(want, "primary");
    if !wants.iter().any(describes) {
        return;
    }
    let values = wants.iter().filter(|want| is(want, "value"));
    let emptied: Vec<_> = values
        .map(|want| {
            let cleared = want.value.is_none() && want.when_empty == WhenEmpty::Clear;
            let cleared = cleared && want.apply == Apply::Always && want.flow == Flow::Replace;
            let without = want.on_create.is_none() && want.candidates.is_empty();
            (want.path.element_path(), cleared, without)
        })
        .collect();
    for want in wants.iter_mut().filter(|want| describes(want)) {
        let element = want.path.element_path();
        let Some((_, cleared, without)) = emptied.iter().find(|(path, ..)| *path == element) else {
            continue;
        };
        if *cleared {
            want.value = None;
        }
        if *without {
            want.on_create = None;
        }
    }
}

/// What a table reads of a person, save what a mapping with `Redact` reads.
fn shown(set: &MappingSet) -> Vec<String> {
    let secret: HashSet<_> = set
        .expressions()
        .flatten()
        .filter(|expression| expression.is_secret())
        .flat_map(Expression::attributes)
        .map(str::to_lowercase)
        .collect();
    let names = set.attributes().into_iter();
    names
        .filter(|name| !secret.contains(&name.to_lowercase()))
        .map(str::to_owned)
        .collect()
}

fn is_soft_deleted(attribute: &str) -> bool {
    ["IsSoftDeleted", "user.status"]
        .iter()
        .any(|name| attribute.eq_ignore_ascii_case(name))
}

/// The matching attributes that have a value, the one to be tried first in front.
pub fn matching<'a, 'w>(wants: &'w [Want<'a>]) -> Vec<(&'a TargetPath, &'w Value)> {
    let mut found: Vec<_> = wants
        .iter()
        .filter_map(|want| Some((want.matching?, want.path, want.value.as_ref()?)))
        .collect();
    found.sort_by_key(|(precedence, ..)| *precedence);
    found.into_iter().map(|(_, path, value)| (path, value)).collect()
}
