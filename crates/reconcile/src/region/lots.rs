//! Lots, tags and exports with what is around them.

use std::{collections::BTreeMap, sync::Arc};

use rmd_proto::v1::{
    ExportCertificate, ExportDeclaration, GeoPoint, Lot, TagAllocation, TagScheme,
};
use rmd_standard::site_id::{self, SiteId};

use super::{
    Region,
    custody::{self, Views},
    index::{self, Index},
    resolve,
    sites::SitesByKey,
};
use crate::{
    Fact,
    rules::{is_allocated, tag_series},
    view::{
        CertificateLink, Elsewhere, ExportView, LotView, SiteFacts, SiteLink, TagOrigin, TagView,
        TaggedLot, Use, is_production, is_void,
    },
};

/// Ranges of tags with their sites, by the series of the tags.
type Allocations<'a> = BTreeMap<&'a str, Vec<(&'a TagAllocation, &'a Arc<SiteFacts>)>>;

/// What views are made of.
pub(super) struct Around<'a> {
    pub(super) region: &'a Region,
    pub(super) index: &'a Index,
    pub(super) sites: &'a SitesByKey,
}

impl Around<'_> {
    /// A view of every lot that is not void.
    pub(super) fn views(&self) -> Views {
        let certificates = self.certificates_of_lots();
        let allocations = self.allocations();
        let lots = self.region.lots.iter().filter(|(_, lot)| !lot.is_void);
        let mut views: Views = lots
            .map(|(key, lot)| {
                let uses = self.index.uses.get(key).map_or(&[][..], Vec::as_slice);
                let uses = uses.iter().map(|(child, contributed_mg)| Use {
                    child: Arc::clone(&self.region.lots[child]),
                    contributed_mg: *contributed_mg,
                });
                let view = LotView {
                    lot: Arc::clone(lot),
                    inputs: self.index.inputs.get(key).cloned().unwrap_or_default(),
                    uses: uses.collect(),
                    certificates: certificates.get(key).cloned().unwrap_or_default(),
                    site: self.site_of(&lot.record.mine_site_id),
                    allocated_elsewhere: elsewhere(lot, &allocations),
                    tag_origins: self.tag_origins(lot),
                    is_in_cycle: false,
                };
                (Arc::clone(key), view)
            })
            .collect();
        custody::mark_rings(&mut views);
        views
    }

    /// Every tag that a lot carries.
    pub(super) fn tags(&self) -> Vec<TagView> {
        let view = |((scheme, identifier), keys): (&(i32, String), &Vec<Arc<str>>)| {
            let lots = keys.iter().map(|key| {
                let inputs = self.index.inputs.get(key).map_or(&[][..], Vec::as_slice);
                let parents = inputs.iter().filter_map(|input| input.parent.key()).collect();
                TaggedLot { lot: Arc::clone(&self.region.lots[key]), parents }
            });
            let scheme = TagScheme::try_from(*scheme).unwrap_or_default();
            TagView { scheme, identifier: identifier.clone(), lots: lots.collect() }
        };
        self.index.tags.iter().map(view).collect()
    }

    /// Every line of an export declaration that is not void.
    pub(super) fn exports(&self) -> Vec<ExportView> {
        let exports = self.region.exports.values().filter(|export| !export.is_void);
        let view = |export: &Arc<Fact<ExportDeclaration>>| {
            let record = &export.record;
            let country = index::or(&record.certificate_country, export.country());
            let identifier = record.certificate_identifier.clone();
            let certificate = if identifier.is_empty() {
                CertificateLink::Unquoted
            } else if let Some(known) = self.certificate(&country, &identifier) {
                CertificateLink::Known(Arc::clone(known))
            } else {
                CertificateLink::Unknown { country, identifier }
            };
            ExportView { export: Arc::clone(export), certificate }
        };
        exports.map(view).collect()
    }

    /// The lot that a certificate names by its number, and all that have the number.
    pub(super) fn exported(
        &self,
        certificate: &Fact<ExportCertificate>,
        number: &str,
    ) -> (Option<Arc<Fact<Lot>>>, usize) {
        let name = (certificate.country().to_owned(), number.to_owned());
        let candidates = self.index.by_number.get(&name).map_or(&[][..], Vec::as_slice);
        let exporter = certificate.record.exporter.as_ref().map_or("", |party| &*party.identifier);
        (resolve::exported(exporter, candidates), candidates.len())
    }

    fn certificate(
        &self,
        country: &str,
        identifier: &str,
    ) -> Option<&Arc<Fact<ExportCertificate>>> {
        let part = |part: &str| part.replace('%', "%25").replace('/', "%2F");
        self.region.certificates.get(&*format!("{country}/{}", part(identifier)))
    }

    /// Certificates that are not void by the keys of their lots.
    fn certificates_of_lots(&self) -> BTreeMap<Arc<str>, Vec<Arc<Fact<ExportCertificate>>>> {
        let mut found = BTreeMap::<_, Vec<_>>::new();
        for certificate in self.region.certificates.values().filter(|one| !is_void(one)) {
            for lot in self.keys_of_lots(certificate) {
                found.entry(lot).or_default().push(Arc::clone(certificate));
            }
        }
        found
    }

    /// Keys of the lots that a certificate names, and of those that name it.
    pub(super) fn keys_of_lots(
        &self,
        certificate: &Fact<ExportCertificate>,
    ) -> std::collections::BTreeSet<Arc<str>> {
        let numbers = certificate.record.lot_number.iter();
        let named = numbers.filter_map(|number| self.exported(certificate, number).0);
        let named = named.map(|lot| Arc::clone(&lot.named.key));
        let paper = (certificate.country().to_owned(), certificate.record.identifier.clone());
        let naming = self.index.of_certificate.get(&paper).into_iter().flatten().cloned();
        named.chain(naming).collect()
    }

    fn site_of(&self, id: &str) -> SiteLink {
        if id.is_empty() {
            return SiteLink::Unnamed;
        }
        let known = site_id::key_of(id).and_then(|key| self.sites.get(&*key));
        known.map_or_else(
            || {
                let country = SiteId::parse(id).map_or("", |id| id.country).to_owned();
                SiteLink::Unknown { id: id.to_owned(), country }
            },
            |facts| SiteLink::Known(Arc::clone(facts)),
        )
    }

    /// Every range of tags with its site, by its series.
    fn allocations(&self) -> Allocations<'_> {
        let mut found = Allocations::new();
        for facts in self.sites.values() {
            for range in &facts.site.record.tag_allocation {
                let series = tag_series(&range.from_identifier);
                found.entry(series).or_default().push((range, facts));
            }
        }
        found
    }

    /// Where the tags of a lot were applied: at the site of the production lot, this
    /// or another, that carries them.
    fn tag_origins(&self, lot: &Fact<Lot>) -> Vec<TagOrigin> {
        let place = |key: &Arc<str>| -> Option<GeoPoint> {
            let carrier = &self.region.lots[key].record;
            let site = site_id::key_of(&carrier.mine_site_id).filter(|_| is_production(carrier))?;
            self.sites.get(&*site)?.site.record.mine_site_location.as_ref()?.geolocalization
        };
        let origins = lot.record.tag.iter().filter_map(|tag| {
            let carriers = self.index.tags.get(&(tag.scheme, tag.identifier.clone()))?;
            let at = carriers.iter().find_map(place)?;
            Some(TagOrigin { tag: tag.identifier.clone(), at })
        });
        origins.collect()
    }
}

/// Tags of a production lot that were allocated to other sites.
fn elsewhere(lot: &Fact<Lot>, allocations: &Allocations<'_>) -> Vec<Elsewhere> {
    if !is_production(&lot.record) {
        return Vec::new();
    }
    let own = site_id::key_of(&lot.record.mine_site_id);
    let found = lot.record.tag.iter().flat_map(|tag| {
        let of_series = allocations.get(&tag_series(&tag.identifier)).into_iter().flatten();
        let others = of_series.filter(|(range, facts)| {
            Some(facts.site.key()) != own.as_deref() && is_allocated(tag, range)
        });
        others.map(|(_, facts)| Elsewhere {
            tag: tag.identifier.clone(),
            site: facts.site.named.clone(),
        })
    });
    found.collect()
}
