//! Points out of two cells, and the id that is minted from a point.
//!
//! Half a point is no point: it is dropped, and the other coordinate is missing.

use rmd_proto::v1::{GeoPoint, MineSite};

use super::{Cell, Column, Draft, column::SitePart, field_at, put, trail_of};
use crate::{
    Record, Severity, country,
    finding::{Ground, Issue},
    model::{Fault, Message, Value},
    site_id,
};

/// A coordinate whose other has not come.
#[derive(Debug)]
pub(super) struct Half {
    column: Column,
    index: Option<usize>,
}

/// The site of a record, as far as a state without regional ids names it.
#[derive(Debug, Default)]
pub(super) struct Site {
    national_id: Option<String>,
    latitude_e7: Option<i32>,
    longitude_e7: Option<i32>,
}

impl Site {
    pub(super) fn put(&mut self, part: SitePart, cell: &Cell) -> Result<(), (Fault, String)> {
        match part {
            SitePart::NationalId => self.national_id = Some(cell.text().into_owned()),
            SitePart::Latitude => self.latitude_e7 = Some(put::degrees(cell)?),
            SitePart::Longitude => self.longitude_e7 = Some(put::degrees(cell)?),
        }
        Ok(())
    }
}

impl Draft {
    /// Notes that one of the two coordinates of a point has come.
    pub(super) fn pair(&mut self, column: Column) {
        let index = self.index_of(column);
        let same = |half: &Half| half.index == index && half.column.list() == column.list();
        let parent = |column: Column| column.path().split_last().map(|(_, parent)| parent);
        let known =
            self.halves.iter().position(|half| same(half) && parent(half.column) == parent(column));
        match known {
            Some(known) if self.halves[known].column.path() == column.path() => {}
            Some(known) => {
                self.halves.swap_remove(known);
            }
            None => self.halves.push(Half { column, index }),
        }
    }

    /// Names what is missing of a point with one coordinate, and drops it.
    pub(super) fn settle_points(&mut self) {
        for Half { column, index } in std::mem::take(&mut self.halves) {
            let Some((last, parent)) = column.path().split_last() else { continue };
            let number = 1 - usize::from(*last);
            let other = &GeoPoint::FIELDS[number].spec;
            let trail = trail_of(column, index).beside(number);
            if !self.issues.iter().any(|issue| issue.trail == trail) {
                let ground =
                    Ground::Field { code: GeoPoint::CODE, spec: other, fault: Fault::Missing };
                let severity = Severity::Refuse;
                self.issues.push(Issue { ground, severity, trail, value: String::new() });
            }
            if let Some(point) = field_at(&mut self.record, column, index, parent) {
                Value::clear(point);
            }
        }
    }

    /// Mints the id of a site that the state has not numbered regionally: its own,
    /// or, as its own record has it minted, that of the site which a record quotes.
    pub(super) fn settle_site(&mut self, quoted: Site) {
        let (country, id) = match &mut self.record {
            Record::MineSite(site) => return mint_own(site),
            Record::Lot(lot) => (&lot.country, &mut lot.mine_site_id),
            Record::ProductionDeclaration(one) => (&one.country, &mut one.mine_site_id),
            Record::Audit(audit) => (&audit.country, &mut audit.mine_site_id),
            Record::Incident(incident) => (&incident.country, &mut incident.mine_site_id),
            _ => return,
        };
        if let (true, Some(national_id), Some(latitude_e7), Some(longitude_e7)) =
            (id.is_empty(), quoted.national_id, quoted.latitude_e7, quoted.longitude_e7)
        {
            *id = site_id::mint(country, GeoPoint { latitude_e7, longitude_e7 }, &national_id);
        }
    }
}

fn mint_own(site: &mut MineSite) {
    let point = site.mine_site_location.as_ref().and_then(|location| location.geolocalization);
    if let Some(point) = point
        && site.icglr_id.is_empty()
        && country::is_country(&site.address_country)
        && !site.national_id.is_empty()
    {
        site.icglr_id = site_id::mint(&site.address_country, point, &site.national_id);
    }
}
