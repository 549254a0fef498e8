//! checks
use crate::{
    Context, Record, Refusal,
    finding::{Issue, render_all},
    key,
};
pub(crate) fn regional(
    record: &mut Record,
    _ctx: &Context,
) -> Result<(String, Vec<Issue>), Refusal> {
    match key::of(record) {
        Ok(key) => Ok((key, Vec::new())),
        Err(issue) => {
            Err(Refusal { key: None, findings: render_all(&[issue], record.entity(), None) })
        }
    }
}
