//! What only the whole region can tell.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use rmd_proto::v1::ExportCertificate;
use rmd_standard::mineral;

use crate::{
    Context, Fact,
    region::{Region, applied_tags},
    view::{BalanceView, Custody, MirrorView, PeriodView, Priced, day, is_void},
};

/// What is read beside the part.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// What lots inherit that are not wanted. What is told here of a wanted lot is not
    /// read: it is computed anew.
    pub custody: BTreeMap<Arc<str>, Custody>,
    /// What certificates are worth, over the whole region or at least over the days that
    /// [`Wanted::certificates`](super::Wanted::certificates) tells.
    pub prices: Prices,
    /// How many mine tags are on the production lots of a site, each (scheme and
    /// identifier) counted once: tags of kind mine or of no kind, on lots that are not
    /// void. None is the same as 0. Needed of wanted sites alone, and of those only where
    /// every tag allocation tells its count.
    pub applied_tags: BTreeMap<Arc<str>, u64>,
    /// Balances, as [`Balances`](crate::region::Balances) sums them up.
    pub balances: Vec<BalanceView>,
    /// Trade with partners, as [`Mirrors`](crate::region::Mirrors) sums it up.
    pub mirrors: Vec<MirrorView>,
    /// Reporting months.
    pub periods: Vec<PeriodView>,
}

impl Known {
    /// What a region that is whole tells of itself.
    pub fn of(region: &Region, context: &Context) -> Self {
        let mut prices = Prices::default();
        for certificate in region.certificates.values() {
            prices.take(certificate);
        }
        Self {
            custody: BTreeMap::new(),
            prices,
            applied_tags: applied_tags(region),
            balances: region.balances(context),
            mirrors: region.mirrors(),
            periods: region.period_views(context),
        }
    }
}

/// What certificates are worth, by mineral (HS6), day of issuance and key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prices(BTreeMap<String, BTreeMap<(Date, Arc<str>), Priced>>);

impl Prices {
    /// Takes a certificate; one that is void, or does not tell what it is worth, changes
    /// nothing.
    pub fn take(&mut self, certificate: &Fact<ExportCertificate>) {
        let record = &certificate.record;
        let issued = day(&record.date_of_issuance);
        let (Some(mineral), Some(issued), Some(worth), false) =
            (mineral::hs6(&record.type_of_ore), issued, Priced::of(record), is_void(certificate))
        else {
            return;
        };
        self.put(mineral, issued, Arc::clone(&certificate.named.key), worth);
    }

    /// Takes what a certificate that is not void is worth.
    pub fn put(&mut self, mineral: String, issued: Date, key: Arc<str>, worth: Priced) {
        self.0.entry(mineral).or_default().insert((issued, key), worth);
    }

    /// Certificates of a mineral from a day to a day, both inside.
    pub fn within(
        &self,
        mineral: &str,
        from: Date,
        to: Date,
    ) -> impl Iterator<Item = (&Arc<str>, &Priced)> {
        let of_mineral = self.0.get(mineral).into_iter();
        let first = (from, Arc::<str>::from(""));
        let from_first = of_mineral.flat_map(move |found| found.range(first.clone()..));
        let until = from_first.take_while(move |((issued, _), _)| *issued <= to);
        until.map(|((_, key), worth)| (key, worth))
    }
}
