//! Sites: their records, and what is dug there in each month.
//!
//! A site is written last: its ranges of tags and its capacity follow from what was
//! dug, unless a fraud has set them.

use std::collections::BTreeMap;

use jiff::{Span, civil::Date};
use rmd_proto::v1::{
    ActivityStatus, Address, Capacity, CertificationStatus, Inspection, License, LicenseStatus,
    LicenseType, Location, MineSite, OperationType, StatusCause, StatusChange, TagAllocation,
    TagScheme,
};

use super::{
    calendar::plus,
    mineral::{Mineral, share},
    party::{Role, party},
    place::Place,
    state::State,
};

/// What was dug in a month.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Dug {
    /// Milligrams.
    pub(crate) mass: i64,
    /// Milligrams times parts per million.
    pub(crate) metal: i128,
    /// Workers in that month.
    pub(crate) workers: Option<u32>,
}

/// A site and its books.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Its state.
    pub(crate) country: &'static str,
    /// The record.
    pub(crate) record: MineSite,
    /// What it yields.
    pub(crate) mineral: Mineral,
    /// Concentration of what it yields, in parts per million.
    pub(crate) ppm: u32,
    /// Tags applied.
    pub(crate) tags: u32,
    /// What was dug, by the first day of the month.
    pub(crate) months: BTreeMap<Date, Dug>,
    /// Whether capacity is told.
    pub(crate) has_capacity: bool,
}

impl Site {
    /// A Green site, active since long ago, under a licence, inspected every year.
    pub(crate) fn new(
        state: &'static State,
        mineral: Mineral,
        number: i64,
        place: &Place,
        as_of: Date,
    ) -> Self {
        let made_up = || format!("{}S{number:06}", state.code);
        let national_id = place.national_id.clone().unwrap_or_else(made_up);
        let record = MineSite {
            icglr_id: rmd_standard::site_id::mint(state.code, place.at, &national_id),
            address_country: state.code.to_owned(),
            national_id,
            certification_status: CertificationStatus::Green.into(),
            activity_status: ActivityStatus::Active.into(),
            activity_since: plus(as_of, -1_500).to_string(),
            mine_site_location: Some(location(state, place, number)),
            mineral: vec![mineral.code().to_owned()],
            license: vec![licence(state, mineral, number, as_of)],
            owner: Some(party(state.code, Role::Miner, number)),
            site_name: place.name.clone().unwrap_or_else(|| format!("Site {number}")),
            operation_type: OperationType::Artisanal.into(),
            workers_declared: Some(40),
            ..MineSite::default()
        };
        let mut site = Self {
            country: state.code,
            record,
            mineral,
            ppm: u32::try_from(mineral.pit_ppm()).unwrap_or_default(),
            tags: 0,
            months: BTreeMap::new(),
            has_capacity: true,
        };
        for days in [800, 460, 120] {
            site.inspected(plus(as_of, -days), CertificationStatus::Green);
        }
        site.declared(plus(as_of, -800), CertificationStatus::Green, StatusCause::Inspection);
        site
    }

    /// Forgets inspections and what was declared.
    pub(crate) fn forget_status(&mut self) {
        self.record.inspection.clear();
        self.record.status_change.clear();
        self.record.certification_status_since.clear();
    }

    /// An inspection on a day.
    pub(crate) fn inspected(&mut self, on: Date, result: CertificationStatus) {
        let number = self.record.inspection.len() + 1;
        let due = on.saturating_add(Span::new().months(5)).to_string();
        self.record.inspection.push(Inspection {
            inspection_id: format!("{}-{number}", self.record.national_id),
            inspection_date: on.to_string(),
            inspection_result: result.into(),
            inspector_name: "An inspector".to_owned(),
            inspector_position: "Inspector".to_owned(),
            government_agency: format!("Mines of {}", self.country),
            corrective_due_date: match result {
                CertificationStatus::Yellow => due,
                _ => String::new(),
            },
            ..Inspection::default()
        });
    }

    /// What the state declares from a day on, which becomes the current status. An
    /// inspection of that day is named.
    pub(crate) fn declared(&mut self, on: Date, status: CertificationStatus, cause: StatusCause) {
        let day = on.to_string();
        let of_day = self.record.inspection.iter().find(|one| one.inspection_date == day);
        let inspection_id = of_day.map_or_else(String::new, |one| one.inspection_id.clone());
        self.record.status_change.push(StatusChange {
            date_of_change: day.clone(),
            new_status: status.into(),
            cause: cause.into(),
            inspection_id,
        });
        self.record.certification_status = status.into();
        self.record.certification_status_since = day;
    }

    /// The next tag of the site's own range.
    pub(crate) fn next_tag(&mut self) -> String {
        self.tags += 1;
        self.tag(self.tags)
    }

    /// A tag of the site's series.
    pub(crate) fn tag(&self, number: u32) -> String {
        format!("{}-{number:07}", self.record.national_id.to_uppercase())
    }

    /// A range of tags of the site's series.
    pub(crate) fn range(&self, first: u32, last: u32) -> TagAllocation {
        TagAllocation {
            scheme: TagScheme::Itsci.into(),
            from_identifier: self.tag(first),
            to_identifier: self.tag(last),
            tag_count: Some(last - first + 1),
        }
    }

    /// Adds to what was dug in a month.
    pub(crate) fn dig(&mut self, month: Date, mass: i64, ppm: u32) {
        let dug = self.months.entry(month.first_of_month()).or_default();
        dug.mass += mass;
        dug.metal += i128::from(mass) * i128::from(ppm);
        dug.workers.get_or_insert(40);
    }

    /// Its id.
    pub(crate) fn id(&self) -> &str {
        &self.record.icglr_id
    }

    /// The key of its record.
    pub(crate) fn key(&self) -> String {
        rmd_standard::site_id::key_of(self.id()).unwrap_or_default()
    }

    /// The record as it is written.
    pub(crate) fn finished(&self) -> MineSite {
        let mut record = self.record.clone();
        if record.tag_allocation.is_empty() {
            record.tag_allocation = vec![self.range(1, (self.tags + self.tags / 8).max(20))];
        }
        let most = self.months.values().map(|dug| dug.mass).max().unwrap_or_default();
        if self.has_capacity && record.capacity.is_empty() {
            let monthly_mass_mg = share(most.max(self.mineral.pit_mg()), 1_300_000);
            let mineral = self.mineral.code().to_owned();
            record.capacity = vec![Capacity { mineral, monthly_mass_mg }];
        }
        record
    }
}

fn location(state: &State, place: &Place, number: i64) -> Location {
    Location {
        geolocalization: Some(place.at),
        local_geographic_designation: Some(Address {
            country: state.code.to_owned(),
            subnational_division_l1: place.province.clone(),
            address_locality_text: format!("Locality {number}"),
            ..Address::default()
        }),
        ..Location::default()
    }
}

fn licence(state: &'static State, mineral: Mineral, number: i64, as_of: Date) -> License {
    License {
        license_type: LicenseType::MiningLicense.into(),
        license_id: format!("{}L{number:06}", state.code),
        owner: Some(party(state.code, Role::Miner, number)),
        granted_date: plus(as_of, -1_400).to_string(),
        expiring_date: plus(as_of, 1_400).to_string(),
        license_status: LicenseStatus::Active.into(),
        covered_commodities: vec![mineral.code().to_owned()],
        ..License::default()
    }
}
