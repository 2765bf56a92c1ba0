//! Functions of the groups that a person belongs to.

use std::borrow::Cow;

use super::value::{argument, list};
use crate::function::{Arguments, Function, Kind, Parameter};
use crate::person::{GROUP_IDS, GROUP_NAMES};
use crate::{Value, regular_expression};

const NAME: &[Parameter] = &[Parameter::required("name")];

pub(super) static ALL: &[&Function] = &[
    &Function::new(
        "getFilteredGroups",
        &[
            Parameter::required("groupIds"),
            Parameter::required("groupExpression"),
            Parameter::required("limit").of(Kind::Number),
        ],
        Kind::List,
        get_filtered_groups,
    )
    .reading(&[GROUP_IDS, GROUP_NAMES]),
    &Function::new(
        "isMemberOfAnyGroup",
        &[Parameter::required("groupId")],
        Kind::Boolean,
        is_member_of_any,
    )
    .repeating(1)
    .reading(&[GROUP_IDS]),
    &Function::new(
        "isMemberOfGroup",
        &[Parameter::required("groupId")],
        Kind::Boolean,
        is_member_of_any,
    )
    .reading(&[GROUP_IDS]),
    &Function::new("isMemberOfGroupName", NAME, Kind::Boolean, |arguments| {
        any_name(arguments, |name, wanted| name == wanted)
    })
    .reading(&[GROUP_NAMES]),
    &Function::new("isMemberOfGroupNameContains", NAME, Kind::Boolean, |arguments| {
        any_name(arguments, |name, wanted| name.contains(wanted))
    })
    .reading(&[GROUP_NAMES]),
    &Function::new(
        "isMemberOfGroupNameRegex",
        &[Parameter::required("pattern")],
        Kind::Boolean,
        is_member_of_group_name_regex,
    )
    .reading(&[GROUP_NAMES]),
    &Function::new(
        "isMemberOfGroupNameStartsWith",
        NAME,
        Kind::Boolean,
        |arguments| any_name(arguments, |name, wanted| name.starts_with(wanted)),
    )
    .reading(&[GROUP_NAMES]),
];

fn is_member_of_any(arguments: &Arguments<'_>) -> Result<Value, String> {
    let ids = arguments.attribute(GROUP_IDS);
    let ids = ids.items();
    let is_one = |value: &Value| value.items().iter().any(|wanted| ids.contains(wanted));
    Ok(Value::Boolean(arguments.all().any(is_one)))
}

fn any_name(arguments: &Arguments<'_>, fits: fn(&str, &str) -> bool) -> Result<Value, String> {
    let wanted = argument(arguments, 0);
    let names = arguments.attribute(GROUP_NAMES);
    let fits = names.items().iter().any(|name| fits(name, &wanted));
    Ok(Value::Boolean(fits))
}

/// Okta's own example has a slash in front of the pattern; so it may stand there.
fn is_member_of_group_name_regex(arguments: &Arguments<'_>) -> Result<Value, String> {
    let pattern = argument(arguments, 0);
    let pattern = pattern.strip_prefix('/').unwrap_or(&pattern);
    let pattern = regular_expression::compile(&format!("^(?:{pattern})$"))?;
    let names = arguments.attribute(GROUP_NAMES);
    let fits = names.items().iter().any(|name| pattern.is_match(name));
    Ok(Value::Boolean(fits))
}

/// Of these groups those that the person belongs to, by `group.name` or `group.id`.
fn get_filtered_groups(arguments: &Arguments<'_>) -> Result<Value, String> {
    let wanted = arguments.value(0).items();
    let (ids, names) = (arguments.attribute(GROUP_IDS), arguments.attribute(GROUP_NAMES));
    let by_name = match argument(arguments, 1).as_ref() {
        "group.name" => true,
        "group.id" => false,
        other => {
            return Err(format!(
                "of a group there is group.name and group.id, not {other:?}"
            ));
        }
    };
    let limit = usize::try_from(arguments.number(2, "limit")?).unwrap_or_default();
    let found = ids
        .items()
        .into_iter()
        .zip(names.items())
        .filter(|(id, _)| wanted.contains(id))
        .map(|(id, name)| if by_name { name } else { id })
        .take(limit);
    Ok(list(found.map(Cow::into_owned).collect()))
}
