//! What `rmd-demo generate` is told.

use std::{collections::BTreeSet, path::PathBuf, str::FromStr};

use clap::Args;
use jiff::civil::Date;
use rmd_reconcile::Rule;

/// Least number of lots: fewer make no year of trade.
pub const LOTS_MIN: u64 = 500;

/// Options of `rmd-demo generate`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples · Exemples:\n  \
        rmd-demo generate --out set --seed 7 --lots 20000\n  \
        rmd-demo generate --out clean --seed 8 --lots 1000000 --frauds none\n  \
        rmd-demo generate --out some --seed 9 --lots 5000 --frauds R05,R16 --as-of 2026-11-20\n  \
        rmd-demo generate --out real --seed 9 --lots 5000 --ipis cod_mines_2009-2017.csv")]
pub struct Generate {
    /// Folder of the set; it must not exist, or be empty · Dossier de l'ensemble, inexistant ou vide
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The same seed makes the same bytes · La même graine donne les mêmes octets
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// About so many lots, at least 500, up to ten million · Environ autant de lots
    #[arg(long, value_name = "N", default_value_t = 20_000,
          value_parser = clap::value_parser!(u64).range(LOTS_MIN..=10_000_000))]
    pub lots: u64,
    /// Frauds to plant: all, none, or rules as R05,R16 · Fraudes à placer
    #[arg(long, value_name = "RULES", default_value = "all")]
    pub frauds: Frauds,
    /// Day for which the set is made · Jour pour lequel l'ensemble est fait
    #[arg(long, value_name = "DAY", default_value = "2026-11-20")]
    pub as_of: Date,
    /// Put the sites of COD on the points of this file of IPIS visits (CSV) · Placer les sites de COD sur les points de ce fichier IPIS
    #[arg(long, value_name = "FILE")]
    pub ipis: Option<PathBuf>,
    /// States, ALPHA-3 with commas; COD, RWA, UGA, TZA and BDI are always among them · États
    #[arg(long, value_name = "STATES", value_delimiter = ',')]
    pub states: Vec<String>,
}

/// Which frauds are planted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frauds {
    /// Every one.
    All,
    /// Those that are about these rules; none of an empty set.
    Some(BTreeSet<Rule>),
}

/// A rule that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no rule; give all, none, or ids from R01 to R28 with commas / n'est pas une règle ; donnez all, none ou des identifiants de R01 à R28 séparés par des virgules"
)]
pub struct UnknownRule(String);

impl FromStr for Frauds {
    type Err = UnknownRule;

    fn from_str(text: &str) -> Result<Self, UnknownRule> {
        match text {
            "all" => Ok(Self::All),
            "none" => Ok(Self::Some(BTreeSet::new())),
            list => {
                let rule = |id: &str| {
                    let id = id.trim();
                    Rule::of(id).ok_or_else(|| UnknownRule(id.to_owned()))
                };
                Ok(Self::Some(list.split(',').map(rule).collect::<Result<_, _>>()?))
            }
        }
    }
}

impl Frauds {
    /// Whether frauds about the rule are planted.
    pub fn holds(&self, rule: Rule) -> bool {
        match self {
            Self::All => true,
            Self::Some(rules) => rules.contains(&rule),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frauds_are_all_none_or_named() {
        assert!("all".parse::<Frauds>().unwrap().holds(Rule::Pairing));
        assert!(!"none".parse::<Frauds>().unwrap().holds(Rule::Pairing));
        let some: Frauds = "R05, R16".parse().unwrap();
        assert!(some.holds(Rule::Pairing) && !some.holds(Rule::Graph));
        assert_eq!("R05,R29".parse::<Frauds>(), Err(UnknownRule("R29".to_owned())));
    }
}
