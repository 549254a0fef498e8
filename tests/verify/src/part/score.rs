//! The score as a check: frauds that are known, through nodes and hub, and a clean
//! control. Every serious one is found, and nothing serious where all is in order.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{house::House, log::Log};

pub(crate) fn check(house: &House, log: &mut Log) -> Result<String> {
    log.run(&mut house.cargo(["score", "--", "--json", "--lots", "800"]))?;
    let (recall, on_clean) = figures(&log.text()?)?;
    ensure!(recall >= 1.0, "of what is serious {recall:.4} was found");
    ensure!(on_clean == 0, "{on_clean} serious findings on the clean control");
    Ok("recall 1, 0 on the clean control".to_owned())
}

/// Recall and findings of severity 3 in the last line that holds them.
fn figures(log: &str) -> Result<(f64, u64)> {
    let objects = log.lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let last = objects.into_iter().find(|value| value.get("severity3_recall").is_some());
    let last = last.context("the score printed no object with the key severity3_recall")?;
    let recall = last["severity3_recall"].as_f64().context("the recall is no number")?;
    let on_clean = last["severity3_on_clean"].as_u64().context("the findings are no number")?;
    Ok((recall, on_clean))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_object_counts() {
        let log = "x\n{\"severity3_recall\":0.5,\"severity3_on_clean\":2}\nprogress\n";
        let (recall, on_clean) = figures(log).unwrap();
        assert_eq!((recall.to_bits(), on_clean), (0.5_f64.to_bits(), 2));
    }

    #[test]
    fn a_score_that_counts_nothing_has_failed() {
        assert!(figures("done\n{}\n").is_err());
        assert!(figures("{\"severity3_recall\":1.0}").is_err());
    }
}
