//! Finds all faults of a configuration at once.
//!
//! A deserialiser stops at its first fault. So each fault is noted, its value is
//! put back to the default (an unknown key is removed, a missing one filled with a
//! stand-in), and the whole is read again until nothing is left to note. A
//! configuration that needed a repair is never returned.

use std::{borrow::Cow, collections::BTreeMap};

use figment::{
    error::Kind,
    value::{Dict, Value},
};
use serde::de::DeserializeOwned;

use super::Fault;

/// Faults beyond this are of one cause, and nobody reads them.
const FAULTS_MAX: usize = 64;

/// The layers, weakest first.
pub(super) struct Layers {
    defaults: Value,
    file: Option<(String, Value)>,
    /// Path of a key -> name and text of its variable.
    variables: BTreeMap<Vec<String>, (String, String)>,
}

impl Layers {
    pub(super) fn new(defaults: Value) -> Self {
        Self { defaults, file: None, variables: BTreeMap::new() }
    }

    pub(super) fn set_file(&mut self, origin: String, values: Value) {
        self.file = Some((origin, values));
    }

    pub(super) fn set_variable(&mut self, name: String, path: Vec<String>, text: String) {
        self.variables.insert(path, (name, text));
    }

    /// The configuration, or every fault that was found.
    pub(super) fn extract<T: DeserializeOwned>(&self) -> Result<T, Vec<Fault>> {
        let mut values = self.merged();
        let mut faults: Vec<Fault> = Vec::new();
        let mut missing = Missing::default();
        while faults.len() < FAULTS_MAX {
            let error = match values.deserialize::<T>() {
                Ok(config) if faults.is_empty() => return Ok(config),
                Ok(_) => break,
                Err(error) => error,
            };
            let path = path_of(&error.path, &error.kind);
            if self.retype(&mut values, &path, &error.kind) || missing.retry(&mut values, &path) {
                continue;
            }
            if !faults.iter().any(|fault| fault.key == path.join(".")) {
                faults.push(self.fault(&path, &error.kind));
            }
            if !self.repair(&mut values, &path, &error.kind, &mut missing) {
                break;
            }
        }
        Err(faults)
    }

    fn merged(&self) -> Value {
        let mut values = self.defaults.clone();
        if let Some((_, file)) = &self.file {
            merge(&mut values, file);
        }
        for (path, (_, text)) in &self.variables {
            let value: Value = text.parse().unwrap_or_else(|never| match never {});
            set(&mut values, path, value);
        }
        values
    }

    /// A variable's text reads as a number or a truth value where it can; if the
    /// key wants text after all, it gets the text.
    fn retype(&self, values: &mut Value, path: &[String], kind: &Kind) -> bool {
        let (Kind::InvalidType(..), Some((_, text))) = (kind, self.variables.get(path)) else {
            return false;
        };
        let as_text = Value::from(text.clone());
        let is_new = get(values, path).is_some_and(|value| value.as_str().is_none());
        is_new && set(values, path, as_text)
    }

    fn repair(
        &self,
        values: &mut Value,
        path: &[String],
        kind: &Kind,
        missing: &mut Missing,
    ) -> bool {
        match kind {
            Kind::UnknownField(..) => remove(values, path),
            Kind::MissingField(_) => missing.begin(values, path),
            _ => match get(&self.defaults, path) {
                Some(default) if get(values, path) != Some(default) => {
                    set(values, path, default.clone())
                }
                Some(_) => false,
                None => remove(values, path),
            },
        }
    }

    fn fault(&self, path: &[String], kind: &Kind) -> Fault {
        let message = match kind {
            Kind::UnknownField(_, allowed) => {
                format!("unknown key; allowed here: {}", allowed.join(", "))
            }
            Kind::UnknownVariant(word, allowed) => {
                format!("{word:?} is not on the list; allowed: {}", allowed.join(", "))
            }
            Kind::MissingField(_) => "required, and there is no default".to_owned(),
            kind => kind.to_string(),
        };
        let key = if path.is_empty() { "(root)".to_owned() } else { path.join(".") };
        Fault { key, origin: self.origin(path, kind), message }
    }

    fn origin(&self, path: &[String], kind: &Kind) -> String {
        let variable = self.variables.iter().find(|(key, _)| key.starts_with(path));
        match (kind, variable, &self.file) {
            (Kind::MissingField(_), ..) => "not set".to_owned(),
            (_, Some((_, (name, _))), _) => format!("variable {name}"),
            (_, None, Some((file, values))) if get(values, path).is_some() => file.clone(),
            _ => "the defaults".to_owned(),
        }
    }
}

/// Stand-ins for a missing key, tried one after the other, so that the faults
/// behind it can be found.
#[derive(Default)]
struct Missing {
    path: Vec<String>,
    left: Vec<Value>,
    /// Keys that had their stand-ins: none of them is tried twice.
    begun: Vec<Vec<String>>,
}

impl Missing {
    fn begin(&mut self, values: &mut Value, path: &[String]) -> bool {
        if self.begun.iter().any(|begun| begun == path) {
            return false;
        }
        let text = |text: &str| Value::from(text);
        self.path = path.to_vec();
        self.begun.push(path.to_vec());
        self.left = vec![
            Value::from(Dict::new()),
            Value::from(Vec::<Value>::new()),
            Value::from(false),
            Value::from(1_u8),
            text("1s"),
            text("127.0.0.1:1"),
            text("x"),
        ];
        self.retry(values, path)
    }

    /// Puts the next stand-in in the place of one that was refused.
    fn retry(&mut self, values: &mut Value, path: &[String]) -> bool {
        if self.path.is_empty() || path != self.path {
            return false;
        }
        let next = self.left.pop();
        next.is_some_and(|value| set(values, path, value))
    }
}

/// The path of a fault; that of a key that should or should not be there ends in it.
fn path_of(path: &[String], kind: &Kind) -> Vec<String> {
    let key = match kind {
        Kind::UnknownField(key, _) => Some(Cow::Borrowed(key.as_str())),
        Kind::MissingField(key) => Some(key.clone()),
        _ => None,
    };
    let mut path = path.to_vec();
    if let Some(key) = key
        && path.last().is_none_or(|last| *last != key)
    {
        path.push(key.into_owned());
    }
    path
}

fn merge(values: &mut Value, stronger: &Value) {
    match (values, stronger) {
        (Value::Dict(_, values), Value::Dict(_, stronger)) => {
            for (key, value) in stronger {
                match values.get_mut(key) {
                    Some(old) => merge(old, value),
                    None => drop(values.insert(key.clone(), value.clone())),
                }
            }
        }
        (values, stronger) => *values = stronger.clone(),
    }
}

fn get<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| match value {
        Value::Dict(_, values) => values.get(key),
        Value::Array(_, values) => values.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Whether the value was put there.
fn set(value: &mut Value, path: &[String], new: Value) -> bool {
    let Some((key, rest)) = path.split_first() else {
        *value = new;
        return true;
    };
    match value {
        Value::Dict(_, values) => {
            let inner = values.entry(key.clone()).or_insert_with(|| Value::from(Dict::new()));
            set(inner, rest, new)
        }
        Value::Array(_, values) => {
            match key.parse().ok().and_then(|index: usize| values.get_mut(index)) {
                Some(inner) => set(inner, rest, new),
                None => false,
            }
        }
        other => {
            *other = Value::from(Dict::new());
            set(other, path, new)
        }
    }
}

/// Whether there was something to remove.
fn remove(value: &mut Value, path: &[String]) -> bool {
    match (path, value) {
        ([key], Value::Dict(_, values)) => values.remove(key).is_some(),
        ([key], Value::Array(_, values)) => match key.parse() {
            Ok(index) if index < values.len() => {
                values.remove(index);
                true
            }
            _ => false,
        },
        ([key, rest @ ..], Value::Dict(_, values)) => {
            values.get_mut(key).is_some_and(|inner| remove(inner, rest))
        }
        ([key, rest @ ..], Value::Array(_, values)) => {
            let inner = key.parse().ok().and_then(|index: usize| values.get_mut(index));
            inner.is_some_and(|inner| remove(inner, rest))
        }
        _ => false,
    }
}
