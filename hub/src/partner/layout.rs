//! Which column holds what, in the two layouts of UN Comtrade.

use rmd_sheet::{Raw, Row};

use super::Error;

/// Where the columns are; those that may be missing are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) year: usize,
    pub(super) flow: usize,
    pub(super) reporter: usize,
    pub(super) partner: usize,
    pub(super) goods: usize,
    pub(super) mass: usize,
    /// A: of a year, M: of a month.
    pub(super) frequency: Option<usize>,
    /// Columns in which a total has another value than its parts.
    pub(super) parts: Vec<usize>,
}

impl Layout {
    /// Finds the columns by their heads, in the layout of today or the one before it.
    pub(super) fn of(heads: &Row) -> Result<Self, Error> {
        let heads: Vec<String> = heads.cells.iter().map(Raw::name).collect();
        let find = |names: [&'static str; 2]| {
            let at = |name: &str| heads.iter().position(|head| head.eq_ignore_ascii_case(name));
            names.into_iter().find_map(at)
        };
        let must = |names: [&'static str; 2]| find(names).ok_or(Error::Column(names[0]));
        let parts = [
            ["customsCode", "Customs Proc. Code"],
            ["motCode", "Mode of Transport Code"],
            ["partner2Code", "2nd Partner Code"],
            ["mosCode", "Mode of Supply Code"],
        ];
        Ok(Self {
            year: must(["refYear", "Year"])?,
            flow: must(["flowCode", "Trade Flow"])?,
            reporter: must(["reporterISO", "Reporter ISO"])?,
            partner: must(["partnerISO", "Partner ISO"])?,
            goods: must(["cmdCode", "Commodity Code"])?,
            mass: must(["netWgt", "Netweight (kg)"])?,
            frequency: find(["freqCode", "Frequency"]),
            parts: parts.into_iter().filter_map(find).collect(),
        })
    }
}
