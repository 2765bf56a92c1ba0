//! Shapes of JSON values, in few words. What an answer's object holds is told whole: a member that is not named here is
//! none of it.

use utoipa::Number;
use utoipa::openapi::schema::{AdditionalProperties, SchemaType, Type};
use utoipa::openapi::{
    ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, SchemaFormat,
};

/// What a value looks like.
pub type Shape = RefOr<Schema>;

/// A member of an object.
pub type Member = (&'static str, Shape);

fn plain(of: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(of)
}

pub fn text() -> Shape {
    plain(Type::String).into()
}

/// A text that is not empty.
pub fn name() -> Shape {
    plain(Type::String).min_length(Some(1)).into()
}

pub fn id() -> Shape {
    let format = SchemaFormat::Custom("uuid".to_owned());
    plain(Type::String).format(Some(format)).into()
}

/// RFC 3339, in UTC.
pub fn time() -> Shape {
    let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
    plain(Type::String).format(Some(format)).into()
}

pub fn flag() -> Shape {
    plain(Type::Boolean).into()
}

/// A whole number, 0 or more.
pub fn count() -> Shape {
    plain(Type::Integer).minimum(Some(Number::Int(0))).into()
}

/// A whole number between two, both included.
pub fn between(least: i64, most: i64) -> Shape {
    let least = Number::Int(isize::try_from(least).unwrap_or(isize::MIN));
    let most = Number::Int(isize::try_from(most).unwrap_or(isize::MAX));
    let number = plain(Type::Integer).minimum(Some(least)).maximum(Some(most));
    number.into()
}

/// One of these words.
pub fn words<'a>(known: impl IntoIterator<Item = &'a str>) -> Shape {
    plain(Type::String).enum_values(Some(known)).into()
}

/// Whatever it is.
pub fn anything() -> Shape {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue).into()
}

/// An object with whatever members.
pub fn any_object() -> Shape {
    let any = AdditionalProperties::<Schema>::FreeForm(true);
    plain(Type::Object).additional_properties(Some(any)).into()
}

/// An object whose members are all of this shape.
pub fn map_of(shape: Shape) -> Shape {
    plain(Type::Object).additional_properties(Some(shape)).into()
}

pub fn list_of(shape: Shape) -> Shape {
    ArrayBuilder::new().items(shape).into()
}

/// A shape that is described once, under this name.
pub fn named(name: &str) -> Shape {
    Ref::from_schema_name(name).into()
}

/// null.
pub fn nothing() -> Shape {
    plain(Type::Null).into()
}

/// The same, or null.
pub fn or_null(shape: Shape) -> Shape {
    OneOfBuilder::new().item(shape).item(nothing()).into()
}

/// One of several.
pub fn either<const N: usize>(shapes: [Shape; N]) -> Shape {
    let all = shapes.into_iter().fold(OneOfBuilder::new(), OneOfBuilder::item);
    all.into()
}

/// An object with these members, and no others.
pub fn object(members: impl IntoIterator<Item = Member>) -> Shape {
    object_and(members, [])
}

/// The same, and members that are not always there.
pub fn object_and(
    members: impl IntoIterator<Item = Member>,
    sometimes: impl IntoIterator<Item = Member>,
) -> Shape {
    let mut object = plain(Type::Object);
    for (name, shape) in members {
        object = object.property(name, shape).required(name);
    }
    for (name, shape) in sometimes {
        object = object.property(name, shape);
    }
    let others = AdditionalProperties::<Schema>::FreeForm(false);
    object.additional_properties(Some(others)).into()
}

/// A page of a list.
pub fn page_of(item: Shape) -> Shape {
    object([("items", list_of(item)), ("next", or_null(text()))])
}
