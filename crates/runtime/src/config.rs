//! Configuration in three layers: embedded defaults, a file, the environment.
//!
//! The defaults are the commented sample that operators copy, so the sample cannot
//! drift from the code. A variable `RMD_NODE_SERVE__LISTEN` overrides the key
//! `serve.listen`; variables without `__` name no key and belong to the command
//! line. Nothing else reads the environment, and nothing here reads a secret:
//! those are named by path. All faults are reported at once, each with its key,
//! where it was set and what is allowed.

use std::{
    env, fmt, fs, io,
    path::{Path, PathBuf},
};

use figment::{
    Figment, Provider as _,
    providers::{Format as _, Toml},
    value::{Dict, Value},
};
use serde::de::DeserializeOwned;

use self::check::Layers;

mod check;

/// Separates a section from a key in the name of a variable.
const SEPARATOR: &str = "__";

/// One wrong key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key with its sections, `serve.listen` for example.
    pub key: String,
    /// Where the value was set: a file, a variable, the defaults.
    pub origin: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.key, self.origin, self.message)
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("read the configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A layer is no TOML; the source names line and column.
    #[error("the configuration in {origin} is no toml")]
    Syntax {
        /// The file, or the defaults.
        origin: String,
        /// What the parser said.
        source: Box<figment::Error>,
    },
    /// Keys are wrong, all that were found.
    #[error("the configuration has faults:\n{}", lines(_0))]
    Faults(Vec<Fault>),
}

/// Loads a configuration.
///
/// `defaults` is the embedded TOML text, `file` an optional TOML file that has to
/// exist if it is named, `env_prefix` the beginning of its variables with its
/// underscore (`RMD_NODE_`).
pub fn load<T: DeserializeOwned>(
    defaults: &'static str,
    file: Option<&Path>,
    env_prefix: &str,
) -> Result<T, Error> {
    // Names and values that are no UTF-8 cannot be ours.
    let variables = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    load_from(defaults, file, env_prefix, variables)
}

/// As [`load`], with the environment as a parameter.
pub fn load_from<T: DeserializeOwned>(
    defaults: &'static str,
    file: Option<&Path>,
    env_prefix: &str,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<T, Error> {
    let mut layers = Layers::new(parse("the defaults", defaults)?);
    if let Some(path) = file {
        let text = fs::read_to_string(path)
            .map_err(|source| Error::Read { path: path.to_owned(), source })?;
        let origin = format!("file {}", path.display());
        let values = parse(&origin, &text)?;
        layers.set_file(origin, values);
    }
    for (name, text) in variables {
        let key = name.strip_prefix(env_prefix).filter(|key| key.contains(SEPARATOR));
        if let Some(key) = key {
            let path = key.split(SEPARATOR).map(str::to_lowercase).collect();
            layers.set_variable(name, path, text);
        }
    }
    layers.extract().map_err(Error::Faults)
}

fn parse(origin: &str, text: &str) -> Result<Value, Error> {
    let syntax = |error| Error::Syntax { origin: origin.to_owned(), source: Box::new(error) };
    // Parsed once by itself: a figment keeps the first fault of a layer to the end.
    Toml::string(text).data().map_err(syntax)?;
    let values: Dict = Figment::from(Toml::string(text)).extract().map_err(syntax)?;
    Ok(Value::from(values))
}

fn lines(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("  {fault}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
