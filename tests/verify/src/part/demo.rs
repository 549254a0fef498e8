//! The demo as a check: it ends by itself, and its last line counts no difference
//! between the regional tables and the databases that they come from.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{house::House, log::Log};

pub(crate) fn check(house: &House, log: &mut Log, flags: &[&str]) -> Result<String> {
    log.run(house.cargo(["demo", "--", "--once", "--json"]).args(flags))?;
    let differences = differences(&log.text()?)?;
    ensure!(differences == 0, "the demo counts {differences} differences");
    Ok("0 differences".to_owned())
}

/// The count in the last line that holds a JSON object.
fn differences(log: &str) -> Result<u64> {
    let objects = log.lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let last = objects.into_iter().find(|value| value.get("differences").is_some());
    let last = last.context("the demo printed no object with the key differences")?;
    last["differences"].as_u64().context("the demo's differences are no number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_object_counts() {
        let log = "$ cargo demo\n{\"differences\":3}\nprogress\n{\"differences\":0,\"x\":1}\n";
        assert_eq!(differences(log).unwrap(), 0);
        assert_eq!(differences("{\"differences\":3}").unwrap(), 3);
    }

    #[test]
    fn a_demo_that_counts_nothing_has_failed() {
        assert!(differences("done\n{}\n").is_err());
        assert!(differences("{\"differences\":null}").is_err());
    }
}
