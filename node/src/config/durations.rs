//! Durations that must not be zero: a pause of nothing is a busy loop.

pub(super) mod not_zero {
    use std::time::Duration;

    use serde::{Deserializer, Serializer, de::Error as _};

    /// Reads a duration a person wrote.
    pub(crate) fn deserialize<'d, D: Deserializer<'d>>(text: D) -> Result<Duration, D::Error> {
        let duration: Duration = humantime_serde::deserialize(text)?;
        if duration.is_zero() {
            return Err(D::Error::custom("a duration above zero is expected, as \"1s\""));
        }
        Ok(duration)
    }

    /// Writes it as a person would.
    pub(crate) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        humantime_serde::serialize(duration, to)
    }
}
