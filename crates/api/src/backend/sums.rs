//! Counts and sums over records, for the summaries of the query language.

/// Mine sites of one declared status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusCount {
    /// Number of the enumeration.
    pub status: i32,
    /// How many sites.
    pub count: u64,
}

/// Which lots are summed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LotFilter {
    /// Key of their site, as [`rmd_standard::site_id::key_of`] makes it.
    pub mine_site: Option<String>,
    /// First instant of registration, included, in UTC microseconds.
    pub registered_from_us: Option<i64>,
    /// First instant that is too late, in UTC microseconds.
    pub registered_before_us: Option<i64>,
}

/// Sums over lots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LotSums {
    /// How many lots.
    pub count: u64,
    /// Their mass in milligrams.
    pub mass_mg: i64,
    /// What was paid for them, one sum for each currency.
    pub tax: Vec<TaxSum>,
    /// The same for each mineral, in the order of the codes.
    pub by_mineral: Vec<MineralSum>,
    /// Count and mass for each operation; a lot of two operations counts in both.
    pub by_operation: Vec<OperationSum>,
}

/// What was paid in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxSum {
    /// ISO 4217.
    pub currency: String,
    /// In minor units of the currency.
    pub amount_minor: i64,
}

/// The lots of one mineral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MineralSum {
    /// HS code, as the states write it.
    pub mineral: String,
    /// Mass in milligrams.
    pub mass_mg: i64,
    /// What was paid, one sum for each currency.
    pub tax: Vec<TaxSum>,
}

/// The lots of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationSum {
    /// Number of the enumeration.
    pub operation: i32,
    /// How many lots.
    pub count: u64,
    /// Mass in milligrams.
    pub mass_mg: i64,
}
