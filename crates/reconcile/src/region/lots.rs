//! Lots, tags and exports with what is around them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rmd_proto::v1::{
    ExportCertificate, ExportDeclaration, GeoPoint, InputLot, Lot, TagAllocation, TagScheme,
};
use rmd_standard::site_id::{self, SiteId};

use super::{
    Region, index,
    index::{Index, LotFact, key_in_state},
    place, resolve,
    sites::Sites,
};
use crate::{
    Fact,
    rules::{is_allocated, tag_series},
    view::{
        CertificateLink, Elsewhere, ExportView, Input, LotView, Parent, SiteLink, TagOrigin,
        TagView, TaggedLot, Use, is_production,
    },
};

/// Ranges of tags with their sites, by the series of the tags.
type Allocations<'a> = BTreeMap<&'a str, Vec<(&'a TagAllocation, &'a super::SiteFact)>>;

/// Lots that took of a lot, and what they took, by its key.
pub(super) type Uses = BTreeMap<Arc<str>, Vec<Use>>;

/// What views are made of.
pub(super) struct Around<'a> {
    pub(super) region: &'a Region,
    pub(super) index: Index<'a>,
    pub(super) sites: Sites<'a>,
    allocations: Allocations<'a>,
}

impl<'a> Around<'a> {
    pub(super) fn of(region: &'a Region) -> Self {
        let mut allocations = Allocations::new();
        for site in region.sites.values().filter(|site| !site.is_void) {
            for range in &site.record.tag_allocation {
                let series = tag_series(&range.from_identifier);
                allocations.entry(series).or_default().push((range, site));
            }
        }
        Self { region, index: Index::of(region), sites: Sites::of(region), allocations }
    }

    /// Who took of lots: of all lots of their numbers, because each who names a number
    /// means one of them.
    pub(super) fn uses(&self, lots: &[&LotFact]) -> Uses {
        let names: BTreeSet<_> =
            lots.iter().map(|lot| (lot.country(), &*lot.record.lot_number)).collect();
        let inputs = names.into_iter().filter_map(|name| self.index.naming.get(&name));
        let mut uses = Uses::new();
        for (child, place) in inputs.flatten() {
            let stated = &child.record.input_lot[*place];
            let Parent::Known(parent) = self.input(child, stated).parent else { continue };
            let (child, contributed_mg) = (Arc::clone(child), stated.contributed_mass_mg);
            let found = uses.entry(Arc::clone(&parent.named.key)).or_default();
            found.push(Use { child, contributed_mg });
        }
        uses
    }

    /// A view of a lot.
    pub(super) fn lot(&self, lot: &LotFact, uses: &mut Uses) -> LotView {
        LotView {
            lot: Arc::clone(lot),
            inputs: self.inputs(lot),
            uses: uses.remove(&lot.named.key).unwrap_or_default(),
            certificates: self.certificates_of(lot),
            site: self.site_of(&lot.record.mine_site_id),
            allocated_elsewhere: self.elsewhere(lot),
            tag_origins: self.tag_origins(lot),
            is_in_cycle: false,
        }
    }

    pub(super) fn inputs(&self, lot: &LotFact) -> Vec<Input> {
        lot.record.input_lot.iter().map(|stated| self.input(lot, stated)).collect()
    }

    fn input(&self, lot: &LotFact, stated: &InputLot) -> Input {
        let name = name_of(lot, stated);
        let parent = self.index.parent(lot, stated, name);
        Input { stated: stated.clone(), country: name.0.to_owned(), parent }
    }

    /// A view of a tag.
    pub(super) fn tag(&self, scheme: i32, identifier: &str) -> Option<TagView> {
        let carriers = self.index.tags.get(&(scheme, identifier))?;
        let lots = carriers.iter().map(|lot| {
            let parents = self.inputs(lot).iter().filter_map(|input| input.parent.key()).collect();
            TaggedLot { lot: Arc::clone(lot), parents }
        });
        let scheme = TagScheme::try_from(scheme).unwrap_or_default();
        Some(TagView { scheme, identifier: identifier.to_owned(), lots: lots.collect() })
    }

    /// A view of a line of an export declaration.
    pub(super) fn export(&self, export: &Arc<Fact<ExportDeclaration>>) -> ExportView {
        let record = &export.record;
        let country = index::or(&record.certificate_country, export.country()).to_owned();
        let identifier = record.certificate_identifier.clone();
        let known = self.region.certificates.get(&*key_in_state(&country, &identifier));
        let certificate = match known {
            _ if identifier.is_empty() => CertificateLink::Unquoted,
            Some(known) => CertificateLink::Known(Arc::clone(known)),
            None => CertificateLink::Unknown { country, identifier },
        };
        ExportView { export: Arc::clone(export), certificate }
    }

    /// The lot that a certificate names by its number, and how many have the number.
    pub(super) fn exported(
        &self,
        certificate: &Fact<ExportCertificate>,
        number: &str,
    ) -> (Option<LotFact>, usize) {
        let candidates = self.index.candidates((certificate.country(), number));
        let exporter = certificate.record.exporter.as_ref().map_or("", |party| &*party.identifier);
        (resolve::exported(exporter, candidates), candidates.len())
    }

    /// Certificates that are not void and of which it is a lot, in the order of keys.
    fn certificates_of(&self, lot: &LotFact) -> Vec<Arc<Fact<ExportCertificate>>> {
        let country = lot.country();
        let naming = self.index.of_number.get(&(country, &*lot.record.lot_number));
        let naming = naming.into_iter().flatten().filter(|certificate| {
            let (found, _) = self.exported(certificate, &lot.record.lot_number);
            found.is_some_and(|found| found.key() == lot.key())
        });
        let named = &lot.record.export_certificate_id;
        let named = self.region.certificates.get(&*key_in_state(country, named));
        let named = named.filter(|one| !crate::view::is_void(one));
        let found: BTreeMap<&str, &Arc<Fact<ExportCertificate>>> =
            naming.copied().chain(named).map(|one| (one.key(), one)).collect();
        found.into_values().cloned().collect()
    }

    fn site_of(&self, id: &str) -> SiteLink {
        if id.is_empty() {
            return SiteLink::Unnamed;
        }
        let known = site_id::key_of(id).and_then(|key| self.sites.facts(&key));
        known.map_or_else(
            || {
                let country = SiteId::parse(id).map_or("", |id| id.country).to_owned();
                SiteLink::Unknown { id: id.to_owned(), country }
            },
            SiteLink::Known,
        )
    }

    /// Where the tags of a lot were applied: at the site of the production lot, this
    /// or another, that carries them.
    fn tag_origins(&self, lot: &Fact<Lot>) -> Vec<TagOrigin> {
        let applied_at = |carrier: &&LotFact| -> Option<GeoPoint> {
            let carrier = &carrier.record;
            let site = site_id::key_of(&carrier.mine_site_id).filter(|_| is_production(carrier))?;
            place(&self.sites.fact(&site)?.record)
        };
        let origins = lot.record.tag.iter().filter_map(|tag| {
            let carriers = self.index.tags.get(&(tag.scheme, &*tag.identifier))?;
            let at = carriers.iter().find_map(applied_at)?;
            Some(TagOrigin { tag: tag.identifier.clone(), at })
        });
        origins.collect()
    }

    /// Tags of a production lot that were allocated to other sites.
    fn elsewhere(&self, lot: &Fact<Lot>) -> Vec<Elsewhere> {
        if !is_production(&lot.record) {
            return Vec::new();
        }
        let own = site_id::key_of(&lot.record.mine_site_id);
        let found = lot.record.tag.iter().flat_map(|tag| {
            let series = tag_series(&tag.identifier);
            let of_series = self.allocations.get(series).into_iter().flatten();
            let others = of_series.filter(|(range, site)| {
                Some(site.key()) != own.as_deref() && is_allocated(tag, range)
            });
            others.map(|(_, site)| Elsewhere {
                tag: tag.identifier.clone(),
                site: site.named.clone(),
            })
        });
        found.collect()
    }
}

/// The state and number that an input of a lot names.
fn name_of<'a>(lot: &'a LotFact, stated: &'a InputLot) -> index::InState<'a> {
    (index::or(&stated.country, lot.country()), &stated.lot_number)
}
