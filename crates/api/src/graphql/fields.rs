//! One field of an output type: its name, where JSON has it, and how it reads.

use async_graphql::{
    Value,
    dynamic::{Field, FieldFuture, FieldValue, Object, TypeRef},
};
use serde_json::Value as Json;

use super::enums::Names;

/// How a field reads.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// A scalar that is a text in JSON; the type is named.
    Text(&'static str),
    /// Several of them.
    Texts,
    /// A number; null where the state keeps it back.
    Number,
    /// A whole number.
    Whole,
    /// Yes or no.
    Truth,
    /// A code of a list.
    Code(&'static Names),
    /// Several codes.
    Codes(&'static Names),
    /// One object.
    Object(&'static str),
    /// Several objects; one alone is a list of one.
    Objects(&'static str),
    /// Rings of positions.
    Rings,
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldOf {
    /// Its name in the query language.
    pub(super) name: &'static str,
    /// Its name in JSON.
    pub(super) json: &'static str,
    pub(super) shape: Shape,
    /// Whether it is never null; only of what we make ourselves.
    pub(super) is_certain: bool,
}

/// A field of the same name in JSON.
pub(super) const fn field(name: &'static str, shape: Shape) -> FieldOf {
    FieldOf { name, json: name, shape, is_certain: false }
}

impl FieldOf {
    /// The same field under another name in JSON.
    pub(super) const fn from(mut self, json: &'static str) -> Self {
        self.json = json;
        self
    }

    /// The same field, never null.
    pub(super) const fn certain(mut self) -> Self {
        self.is_certain = true;
        self
    }

    fn type_ref(&self) -> TypeRef {
        let plain = match self.shape {
            Shape::Text(name) | Shape::Object(name) => TypeRef::named(name),
            Shape::Texts => TypeRef::named_nn_list(TypeRef::STRING),
            Shape::Number => TypeRef::named(TypeRef::FLOAT),
            Shape::Whole => TypeRef::named(TypeRef::INT),
            Shape::Truth => TypeRef::named(TypeRef::BOOLEAN),
            Shape::Code(names) => TypeRef::named(names.name),
            Shape::Codes(names) => TypeRef::named_nn_list(names.name),
            Shape::Objects(name) => TypeRef::named_nn_list(name),
            Shape::Rings => {
                let list = |inner| TypeRef::List(Box::new(TypeRef::NonNull(Box::new(inner))));
                list(list(list(TypeRef::named(TypeRef::FLOAT))))
            }
        };
        if self.is_certain { TypeRef::NonNull(Box::new(plain)) } else { plain }
    }

    /// The value of the field in its parent.
    fn read<'a>(&self, parent: &'a Json) -> Option<FieldValue<'a>> {
        let value = parent.get(self.json).filter(|value| !value.is_null())?;
        let leaf = match self.shape {
            Shape::Object(_) => return value.is_object().then(|| FieldValue::borrowed_any(value)),
            Shape::Objects(_) => {
                let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                let objects = items.iter().filter(|item| item.is_object());
                return Some(FieldValue::list(objects.map(|item| FieldValue::borrowed_any(item))));
            }
            Shape::Text(_) => text(value),
            Shape::Texts => list(value, text),
            Shape::Code(names) => names.of_json(value),
            Shape::Codes(names) => list(value, |item| names.of_json(item)),
            Shape::Number => only(value, Json::is_number),
            Shape::Whole => only(value, |value| value.is_i64() || value.is_u64()),
            Shape::Truth => only(value, Json::is_boolean),
            Shape::Rings => only(value, Json::is_array),
        };
        Some(FieldValue::value(leaf))
    }
}

/// An object type with those fields.
pub(super) fn object(name: &'static str, fields: &'static [FieldOf]) -> Object {
    fields.iter().fold(Object::new(name), |object, of| {
        object.field(Field::new(of.name, of.type_ref(), move |context| {
            FieldFuture::new(async move {
                let parent: &Json = context.parent_value.try_downcast_ref()?;
                Ok(of.read(parent))
            })
        }))
    })
}

/// A text; a number reads as one.
fn text(value: &Json) -> Value {
    match value {
        Json::String(text) => Value::from(text.as_str()),
        Json::Number(number) => Value::from(number.to_string()),
        _ => Value::Null,
    }
}

fn list(value: &Json, item: impl Fn(&Json) -> Value) -> Value {
    let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    Value::List(items.iter().map(item).filter(|item| *item != Value::Null).collect())
}

fn only(value: &Json, is_wanted: impl Fn(&Json) -> bool) -> Value {
    if !is_wanted(value) {
        return Value::Null;
    }
    Value::from_json(value.clone()).unwrap_or(Value::Null)
}
