//! Everything that a set is made with: its day, its places, its books, its files.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use indicatif::ProgressBar;
use jiff::{Timestamp, civil::Date};
use rmd_proto::v1::{self, OriginatingOperation};
use rmd_reconcile::{Rule, SubjectKind};
use rmd_standard::{Record, effective::calendar_day, site_id};

use super::{
    calendar::Calendar,
    draw::Draw,
    label::{Label, Told},
    mineral::{Mineral, share},
    output::Output,
    place::Places,
    site::Site,
    state::state,
    stock::Stocks,
};

/// A set in the making.
#[derive(Debug)]
pub(crate) struct World {
    /// Its day and its months.
    pub(crate) calendar: Calendar,
    /// Its states, alpha-2.
    pub(crate) codes: Vec<&'static str>,
    /// Its chance.
    pub(crate) draw: Draw,
    /// Where sites may lie.
    pub(crate) places: Places,
    /// Its sites.
    pub(crate) sites: Vec<Site>,
    /// What companies hold.
    pub(crate) stocks: Stocks,
    /// Its files.
    pub(crate) output: Output,
    /// Months that a state does not close, with the feed.
    pub(crate) owed: BTreeSet<(&'static str, Date)>,
    /// Exporters whose status is not the usual one, by key.
    pub(crate) exporters: BTreeMap<String, v1::ExporterStatus>,
    /// Rows of partner statistics.
    pub(crate) partners: Vec<super::partner::Row>,
    /// Lots written.
    pub(crate) lots: u64,
    /// Where it stands.
    pub(crate) progress: ProgressBar,
    /// Records by state and month.
    pub(crate) by_month: BTreeMap<(String, Date), u64>,
    site_keys: BTreeMap<String, usize>,
    serial: u64,
}

impl World {
    /// A set without anything in it.
    pub(crate) fn new(
        calendar: Calendar,
        codes: Vec<&'static str>,
        draw: Draw,
        places: Places,
        output: Output,
    ) -> Self {
        Self {
            calendar,
            codes,
            draw,
            places,
            sites: Vec::new(),
            stocks: Stocks::default(),
            output,
            owed: BTreeSet::new(),
            exporters: BTreeMap::new(),
            partners: Vec::new(),
            lots: 0,
            progress: ProgressBar::hidden(),
            by_month: BTreeMap::new(),
            site_keys: BTreeMap::new(),
            serial: 0,
        }
    }

    /// Whether the state is in the set.
    pub(crate) fn has(&self, code: &str) -> bool {
        self.codes.contains(&code)
    }

    /// A number that no other record has.
    pub(crate) fn number(&mut self, country: &str, letter: char) -> String {
        self.serial += 1;
        format!("{country}-{letter}{:08}", self.serial)
    }

    /// A new site, by its place among the sites.
    pub(crate) fn site(&mut self, country: &'static str, mineral: Mineral) -> Result<usize> {
        let number = i64::try_from(self.sites.len()).unwrap_or_default() + 1;
        let place = self.places.take(state(country), mineral, &mut self.draw)?;
        let mut site = Site::new(state(country), mineral, number, &place, self.calendar.as_of);
        let around = self.draw.within(950_000..=1_050_000);
        site.ppm = u32::try_from(share(mineral.pit_ppm(), around)).unwrap_or_default();
        Ok(self.add(site))
    }

    /// Adds a site, whose id no other may have.
    pub(crate) fn add(&mut self, site: Site) -> usize {
        self.site_keys.insert(site.key(), self.sites.len());
        self.sites.push(site);
        self.sites.len() - 1
    }

    /// Writes a lot; what is dug is written into the books of its site.
    pub(crate) fn put_lot(&mut self, lot: &v1::Lot) -> Result<()> {
        let day = day_of(lot.registered_at_us);
        if !self.calendar.has_come(day) {
            return Ok(());
        }
        if lot.originating_operation.contains(&OriginatingOperation::Production.into())
            && let Some(key) = site_id::key_of(&lot.mine_site_id)
            && let Some(site) = self.site_keys.get(&key)
        {
            self.sites[*site].dig(day, lot.mass_mg, lot.concentration_ppm.unwrap_or_default());
        }
        self.lots += 1;
        self.progress.inc(1);
        self.put(&Record::Lot(Box::new(lot.clone())), day)
    }

    /// Writes a record that came to be on a day; nothing that is still to come.
    pub(crate) fn put(&mut self, record: &Record, day: Date) -> Result<()> {
        if !self.calendar.has_come(day) {
            return Ok(());
        }
        let of_month = (record.country().to_owned(), day.first_of_month());
        *self.by_month.entry(of_month).or_default() += 1;
        self.output.put(record)
    }

    /// Says that a rule has to find something, or must not.
    pub(crate) fn label(
        &mut self,
        rule: Rule,
        told: impl Into<Told>,
        country: &str,
        (kind, key): (SubjectKind, impl Into<String>),
    ) -> Result<()> {
        let (told, key) = (told.into(), key.into());
        if let Some(severity) = told.found {
            self.output.label(&Label::new(rule, severity, country, kind, &*key))?;
        }
        if let Some(severity) = told.near {
            self.output.near(&Label::new(rule, severity, country, kind, &*key))?;
        }
        Ok(())
    }
}

/// The day of an instant.
pub(crate) fn day_of(instant_us: i64) -> Date {
    Timestamp::from_microsecond(instant_us).map(calendar_day).unwrap_or_default()
}

/// The key of a record.
pub(crate) fn key_of(record: &Record) -> Result<String> {
    record.key().ok().with_context(|| format!("{} without a key", record.entity()))
}

/// The key of a lot.
pub(crate) fn lot_key(lot: &v1::Lot) -> Result<String> {
    key_of(&Record::Lot(Box::new(lot.clone())))
}
