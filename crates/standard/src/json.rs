//! A record as readable JSON: names of the .proto text, codes as words.
//!
//! For preview and pages. Absent fields are left out; whole numbers stay whole
//! (`mass_mg`), so that nothing is rounded on the way to a reader.

use serde_json::{Map, Value as Json};

use crate::{
    Record,
    model::{self, Form, Part, Value},
};

/// The record as JSON.
pub(crate) fn of(record: &Record) -> Json {
    let mut copy = record.clone();
    let mut object = object_of(model::part_of(&mut copy));
    if !record.withheld().is_empty() {
        object.insert("withheld".to_owned(), Json::from(record.withheld()));
    }
    Json::Object(object)
}

fn object_of(part: &mut dyn Part) -> Map<String, Json> {
    let mut object = Map::new();
    for index in 0..part.len() {
        let spec = part.spec(index);
        let value = part.value(index);
        if !value.is_absent() {
            object.insert(spec.name.to_owned(), json_of(value, spec.form));
        }
    }
    object
}

fn json_of(value: Value<'_>, form: Form) -> Json {
    match value {
        Value::Text(text) => Json::from(text.as_str()),
        Value::Texts(texts) => Json::from(texts.as_slice()),
        Value::Code(code) => word(form, *code),
        Value::Codes(codes) => codes.iter().map(|code| word(form, *code)).collect(),
        Value::Degrees(degrees) => Json::from(*degrees),
        Value::Height(height) => Json::from(*height),
        Value::Whole(whole) => Json::from(*whole),
        Value::MaybeWhole(whole) => Json::from(*whole),
        Value::Small(small) => Json::from(*small),
        Value::MaybeSmall(small) => Json::from(*small),
        Value::MaybeCount(count) => Json::from(*count),
        Value::Part(slot) => slot.get().map_or(Json::Null, |part| Json::Object(object_of(part))),
        Value::List(items) => {
            let mut list = Vec::with_capacity(items.len());
            for index in 0..items.len() {
                list.extend(items.get(index).map(|part| Json::Object(object_of(part))));
            }
            Json::Array(list)
        }
    }
}

fn word(form: Form, number: i32) -> Json {
    match form {
        Form::Code(list) => list.word_of(number).map_or(Json::from(number), Json::from),
        _ => Json::from(number),
    }
}
