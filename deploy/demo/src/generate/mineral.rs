//! The four minerals: what is dug, what is shipped, what it is worth.

use rmd_proto::v1::Analyte;

/// A gram in milligrams.
pub(crate) const GRAM: i64 = 1_000;
/// A kilogram in milligrams.
pub(crate) const KG: i64 = 1_000_000;
/// The whole in parts per million.
pub(crate) const MILLION: i64 = 1_000_000;

/// One designated mineral.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Mineral {
    /// Cassiterite.
    Tin,
    /// Coltan.
    Tantalum,
    /// Wolframite.
    Tungsten,
    /// Gold.
    Gold,
}

impl Mineral {
    /// The HS code, as the standard writes it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Tin => "2609.00.00",
            Self::Tantalum => "2615.90.00",
            Self::Tungsten => "2611.00.00",
            Self::Gold => "7108.12.00",
        }
    }

    /// Its first six digits.
    pub(crate) const fn hs6(self) -> &'static str {
        match self {
            Self::Tin => "260900",
            Self::Tantalum => "261590",
            Self::Tungsten => "261100",
            Self::Gold => "710812",
        }
    }

    /// Trade name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Tin => "Cassiterite",
            Self::Tantalum => "Coltan",
            Self::Tungsten => "Wolframite",
            Self::Gold => "Gold",
        }
    }

    /// What a concentration is of.
    pub(crate) const fn analyte(self) -> Analyte {
        match self {
            Self::Tin => Analyte::Sn,
            Self::Tantalum => Analyte::Ta2o5,
            Self::Tungsten => Analyte::Wo3,
            Self::Gold => Analyte::Au,
        }
    }

    /// Concentration out of the pit: the middle, in parts per million. Sites lie up to
    /// 5 % around it.
    pub(crate) const fn pit_ppm(self) -> i64 {
        match self {
            Self::Tin => 590_000,
            Self::Tantalum => 250_000,
            Self::Tungsten => 530_000,
            Self::Gold => 880_000,
        }
    }

    /// Concentration of what is shipped, in parts per million.
    pub(crate) const fn shipped_ppm(self) -> u32 {
        match self {
            Self::Tin => 680_000,
            Self::Tantalum => 320_000,
            Self::Tungsten => 640_000,
            Self::Gold => 960_000,
        }
    }

    /// A pit's lot in milligrams, in the middle.
    pub(crate) const fn pit_mg(self) -> i64 {
        match self {
            Self::Gold => 180 * GRAM,
            _ => 75 * KG,
        }
    }

    /// Worth of a kilogram of contained metal, in US cents.
    pub(crate) const fn cents_per_kg(self) -> i64 {
        match self {
            Self::Tin => 3_100,
            Self::Tantalum => 19_000,
            Self::Tungsten => 3_300,
            Self::Gold => 7_600_000,
        }
    }
}

/// So many parts per million of an amount, rounded down.
pub(crate) fn share(amount: i64, ppm: i64) -> i64 {
    i64::try_from(i128::from(amount) * i128::from(ppm) / i128::from(MILLION)).unwrap_or(i64::MAX)
}

/// The amount that holds so much metal at a concentration, rounded down.
pub(crate) fn holding(metal_ppm_mg: i128, ppm: u32) -> i64 {
    i64::try_from(metal_ppm_mg / i128::from(ppm.max(1))).unwrap_or(i64::MAX)
}
