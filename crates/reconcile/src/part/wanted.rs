//! The subjects that are to be judged, and the records that this takes.

use std::{collections::BTreeSet, sync::Arc};

use super::Known;
use crate::{
    region::{ByKey, Region},
    view::{MirrorView, is_void},
};

/// State, partner, mineral (HS6) and year.
pub type MirrorKey = (String, String, String, i16);

/// Which subjects to judge, by their keys. What is wanted and not in the part, or void,
/// is not judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Lots. For each lot L of state S and number N, load:
    ///
    /// - L, and every lot of number N in S, void or not;
    /// - of each input of L: every lot of the number that it names, in the state that it
    ///   names (L's own where it names none). One of them is the parent;
    /// - every lot with an input that names N in S (a use, or one of another lot of N).
    ///   Nothing around those is needed;
    /// - every certificate of S that names N among its lot numbers, and the one of S that
    ///   L names itself (`export_certificate_id`);
    /// - the site that L names, by the key of the id (`site_id::key_of`), with the
    ///   decisions about it;
    /// - where L is a production lot: every site with a tag allocation of the series
    ///   (`rules::tag_series` of `from_identifier`) of one of its tags;
    /// - of each tag of L: every lot that carries it, and of those that are production
    ///   lots the site.
    ///
    /// [`Known::custody`](super::Known::custody): each lot that an input of L leads to
    /// and that is not wanted itself. Of a ring in which L is known to be, every lot is
    /// wanted.
    pub lots: BTreeSet<Arc<str>>,
    /// Tags, by scheme (the number of the enum) and identifier. Load:
    ///
    /// - every lot that carries the tag;
    /// - of each input of those: every lot of the number that it names.
    pub tags: BTreeSet<(i32, String)>,
    /// Certificates. For each certificate C of state S and number P, load:
    ///
    /// - C;
    /// - of each of its lot numbers: every lot of that number in S;
    /// - every lot of S that names P (`export_certificate_id`);
    /// - every line of an export declaration that quotes S and P, where a line that tells
    ///   no state means its own;
    /// - every line of an import declaration that quotes S and P, where a line that tells
    ///   no state means the consignor's;
    /// - the exporter status of S and C's exporter, and the audits of S of that exporter.
    ///
    /// [`Known::custody`](super::Known::custody): each of its lots that is not wanted
    /// itself. [`Known::prices`](super::Known::prices): all certificates of its mineral
    /// issued in the days of `value_days` up to its issuance, the last day included.
    pub certificates: BTreeSet<Arc<str>>,
    /// Lines of export declarations. Load:
    ///
    /// - the line, and the certificate that it quotes, void or not;
    /// - for R16 what [`pairing::component`](crate::pairing::component) needs around the
    ///   line, until it needs nothing more.
    pub exports: BTreeSet<Arc<str>>,
    /// Lines of import declarations. Load the line and what the component needs, as for
    /// exports. A pair is told with its export, and its import passes.
    pub imports: BTreeSet<Arc<str>>,
    /// Mine sites. For each site, load:
    ///
    /// - the site, with the decisions about it;
    /// - every site of the same state with the same national id, if it has one;
    /// - every site in the same or a neighbouring cell of a hundredth of a degree
    ///   ([`Name::Place`](crate::names::Name::Place)).
    ///
    /// [`Known::applied_tags`](super::Known::applied_tags): its number. A site may have a
    /// hundred thousand lots: they are counted, not loaded.
    pub sites: BTreeSet<Arc<str>>,
    /// Production declarations. For each of site Q, mineral M and month T, load:
    ///
    /// - the declaration, and Q with the decisions about it;
    /// - every declaration of Q and M of the twelve months before T;
    /// - every declaration of M and T by a site of the province of Q, with those sites
    ///   (their decisions are not needed). The province is the first that is told of
    ///   `subnational_division_l1` and `subnational_division_l1_text` of
    ///   `mine_site_location.local_geographic_designation`; where Q tells none, nothing;
    /// - every site within `spike_neighbour` of Q, with the decisions about them.
    pub productions: BTreeSet<Arc<str>>,
    /// Balances, by state and mineral (HS6): those in
    /// [`Known::balances`](super::Known::balances) are judged. Nothing is loaded.
    pub balances: BTreeSet<(String, String)>,
    /// Trade with partners outside the region: those in
    /// [`Known::mirrors`](super::Known::mirrors) are judged. Nothing is loaded.
    pub mirrors: BTreeSet<MirrorKey>,
    /// Whether reporting months are judged: all in
    /// [`Known::periods`](super::Known::periods). They are few, and new ones come with
    /// the calendar: want them every day.
    pub periods: bool,
    /// Whether feeds are judged: all in [`Region::feeds`](crate::region::Region::feeds).
    /// They are few: want them every day.
    pub feeds: bool,
}

impl Wanted {
    /// Every subject of a region, and of what is known beside it.
    pub fn all(region: &Region, known: &Known) -> Self {
        fn standing<M>(records: &ByKey<M>) -> BTreeSet<Arc<str>> {
            let standing = records.iter().filter(|(_, record)| !record.is_void);
            standing.map(|(key, _)| Arc::clone(key)).collect()
        }
        let lots = region.lots.values().filter(|lot| !lot.is_void);
        let tags = lots.flat_map(|lot| &lot.record.tag).filter(|tag| !tag.identifier.is_empty());
        let certificates = region.certificates.iter().filter(|(_, one)| !is_void(one));
        let balances = known.balances.iter();
        let mirrors = known.mirrors.iter();
        Self {
            lots: standing(&region.lots),
            tags: tags.map(|tag| (tag.scheme, tag.identifier.clone())).collect(),
            certificates: certificates.map(|(key, _)| Arc::clone(key)).collect(),
            exports: standing(&region.exports),
            imports: standing(&region.imports),
            sites: standing(&region.sites),
            productions: standing(&region.productions),
            balances: balances.map(|one| (one.country.clone(), one.mineral.clone())).collect(),
            mirrors: mirrors.map(MirrorView::name).collect(),
            periods: true,
            feeds: true,
        }
    }
}
