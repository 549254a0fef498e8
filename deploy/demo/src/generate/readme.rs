//! What a set says about itself.

use super::{Frauds, Generate};

/// The README of a set.
pub(crate) fn text(options: &Generate) -> String {
    let frauds = match &options.frauds {
        Frauds::All => "all".to_owned(),
        Frauds::Some(rules) if rules.is_empty() => "none".to_owned(),
        Frauds::Some(rules) => rules.iter().map(|rule| rule.id()).collect::<Vec<_>>().join(","),
    };
    let credit = if options.ipis.is_some() { IPIS } else { "" };
    format!(
        "# A made-up region\n\nDay {}, seed {}, about {} lots, frauds: {frauds}.\n{credit}{TEXT}",
        options.as_of, options.seed, options.lots
    )
}

const IPIS: &str = "
Sites of COD lie on points of IPIS, Artisanal mining sites in Eastern DRC, 2009–2017 (Open Data
Commons Attribution). Everything said about them here is made up: no status, no licence and no
kilogram of this set is an observation, and none is a status of the ICGLR.
";

const TEXT: &str = "
Every company, person, certificate and kilogram is made up.

- `as-of`: the day for which the set is made.
- `ALPHA-3/*.jsonl`: records of a state in the standard's JSON, one a line, our additions under the
  names of the .proto text in camelCase.
- `labels.jsonl`: what a rule has to find: `rule`, `severity` (1 to 3), `country` that may answer,
  `entity` (a record type; Tag, Balance or Mirror where the subject is no record) and `key`.
- `near-misses.jsonl`: what is just inside a limit, in the same form: no rule may find there
  anything that weighs `severity` or more.
- `partner-statistics.csv`: imports that a partner outside the region reports, in columns of UN
  Comtrade; only with frauds about R17.

What the files cannot say is in no label: a frozen feed, a share of refused records, a month
rewritten after it was closed and a bulletin not applied (R26), a second record of one certificate
(R12), and decisions of the Secretariat.
";
