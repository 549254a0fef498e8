//! Every limit: its rule, its name, its unit, its default, and what it limits.

mod lots;
mod states;
mod trade;

use crate::{Rule, Unit};

/// A limit that may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is described by its row in LIMITS")]
pub enum Parameter {
    OverAllocation,
    CombinationWarning,
    CombinationSerious,
    ProcessingMass,
    ProcessingMetal,
    RecoveryLeast,
    TransitChange,
    TransitGain,
    TravelSpeed,
    UntracedWarning,
    UntracedSerious,
    CertificateDays,
    CertificateReuse,
    CertificateLotsWarning,
    CertificateLotsSerious,
    PairDaysBefore,
    PairDaysAfter,
    PairMass,
    PairWeightWarning,
    PairWeightSerious,
    PairWeightFloor,
    PairValueLeast,
    PairValueMost,
    ExportUnmatchedDays,
    MirrorAsymmetry,
    MirrorFloor,
    CountryBalance,
    CapacityWarning,
    CapacitySerious,
    PeersYield,
    PeersLeast,
    SpikeScore,
    SpikeMedian,
    SpikeSpread,
    SpikeMonths,
    SpikeNeighbour,
    SpikeBorder,
    ValueWarning,
    ValueSerious,
    ValueDays,
    ValuePeers,
    GradeLeast,
    GradeMost,
    GradeCeiling,
    OutsideCountry,
    OutsideId,
    SitesNear,
    ParentDays,
    UnusedMonths,
    DeadlineDay,
    Rewritten,
    Refused,
    BulletinDays,
    GreenDays,
    BlueMonths,
    YellowDays,
    AuditMonths,
}

/// What is known about a limit.
#[derive(Debug, PartialEq, Eq)]
pub struct Limit {
    /// The limit.
    pub parameter: Parameter,
    /// The rule that reads it.
    pub rule: Rule,
    /// Its name in tables and commands.
    pub name: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// Its value where nobody changed it.
    pub default: i64,
    /// What it limits, in English.
    pub en: &'static str,
    /// What it limits, in French.
    pub fr: &'static str,
}

impl Parameter {
    const LIMITS: [&[Limit]; 3] = [lots::LIMITS, trade::LIMITS, states::LIMITS];

    /// Every limit, in the order of the rules.
    pub fn all() -> impl Iterator<Item = &'static Limit> {
        Self::LIMITS.into_iter().flatten()
    }

    /// What is known about it.
    ///
    /// # Panics
    ///
    /// Never: every limit has its row, as a test shows.
    pub fn limit(self) -> &'static Limit {
        Self::all().nth(self as usize).expect("every limit has its row, as a test shows")
    }

    /// Its name in tables and commands.
    pub fn name(self) -> &'static str {
        self.limit().name
    }

    /// The limit of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::all().find(|limit| limit.name == name).map(|limit| limit.parameter)
    }
}

const fn limit(
    parameter: Parameter,
    rule: Rule,
    name: &'static str,
    unit: Unit,
    default: i64,
    en: &'static str,
    fr: &'static str,
) -> Limit {
    Limit { parameter, rule, name, unit, default, en, fr }
}

/// Defaults that differ by mineral (HS6). Concentrations are of Sn, Ta2O5, WO3 and
/// Au; the ceilings are those of pure SnO2, FeTa2O6, MnWO4 and gold.
pub const BY_MINERAL: &[(Parameter, &str, i64)] = &[
    (Parameter::PairWeightFloor, "710812", 100_000),
    (Parameter::MirrorFloor, "710812", 50_000_000),
    (Parameter::GradeCeiling, "260900", 788_000),
    (Parameter::GradeCeiling, "261590", 860_000),
    (Parameter::GradeCeiling, "261100", 766_000),
    (Parameter::GradeLeast, "260900", 200_000),
    (Parameter::GradeMost, "260900", 750_000),
    (Parameter::GradeLeast, "261590", 50_000),
    (Parameter::GradeMost, "261590", 600_000),
    (Parameter::GradeLeast, "261100", 200_000),
    (Parameter::GradeMost, "261100", 750_000),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_stands_at_its_own_place_under_a_name_of_its_own() {
        for (place, limit) in Parameter::all().enumerate() {
            assert_eq!(limit.parameter as usize, place, "{}", limit.name);
            assert_eq!(Parameter::of(limit.name), Some(limit.parameter));
            assert_eq!(limit.parameter.name(), limit.name);
        }
    }
}
