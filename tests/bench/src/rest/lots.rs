//! Made-up lots, about as long as the standard's own example, and what is known
//! of each: its mass says which of its versions an answer shows.

use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};

/// Versions that a mass can tell apart: its grams.
const VERSIONS: u32 = 1000;

#[derive(Debug)]
struct Lot {
    /// 40 random bits.
    number: String,
    /// The version that was sent last.
    sent: AtomicU32,
    /// The version whose write was answered last.
    answered: AtomicU32,
}

#[derive(Debug)]
pub(crate) struct Lots {
    lots: Vec<Lot>,
}

impl Lots {
    pub(crate) fn new(count: usize, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let lots = (0..count).map(|index| {
            let number = format!("BENCH-{index:07}-{:010x}", rng.gen_range(0..1_u64 << 40));
            Lot { number, sent: AtomicU32::new(0), answered: AtomicU32::new(0) }
        });
        Self { lots: lots.collect() }
    }

    pub(crate) fn len(&self) -> usize {
        self.lots.len()
    }

    pub(crate) fn number(&self, index: usize) -> &str {
        &self.lots[index].number
    }

    /// The place of a lot that an answer names; none for what is not ours.
    pub(crate) fn index_of(&self, lot: &Value) -> Option<usize> {
        let number = lot["lotNumber"].as_str()?;
        let index: usize = number.strip_prefix("BENCH-")?.get(..7)?.parse().ok()?;
        (self.lots.get(index)?.number == number).then_some(index)
    }

    /// The version that an answer shows, of a mass as [`Lots::body`] writes it.
    pub(crate) fn version_of(index: usize, lot: &Value) -> Option<u32> {
        let grams =
            (lot["mass"].as_f64()? * 1000.0).round() - f64::from(Self::base(index)) * 1000.0;
        (0..VERSIONS).find(|version| grams.total_cmp(&f64::from(*version)).is_eq())
    }

    /// The lot in its next version, which is sent from now on.
    pub(crate) fn change(&self, index: usize) -> (u32, Bytes) {
        let version = self.lots[index].sent.fetch_add(1, Ordering::SeqCst) + 1;
        (version, self.body(index, version))
    }

    pub(crate) fn answered(&self, index: usize, version: u32) {
        self.lots[index].answered.fetch_max(version, Ordering::SeqCst);
    }

    pub(crate) fn last_answered(&self, index: usize) -> u32 {
        self.lots[index].answered.load(Ordering::SeqCst)
    }

    pub(crate) fn last_sent(&self, index: usize) -> u32 {
        self.lots[index].sent.load(Ordering::SeqCst)
    }

    /// Whole kilograms of a lot, from 1 to 30 000.
    fn base(index: usize) -> u32 {
        u32::try_from(index % 30_000).unwrap_or(0) + 1
    }

    /// The lot as national software posts it.
    pub(crate) fn body(&self, index: usize, version: u32) -> Bytes {
        let mass = f64::from(Self::base(index)) + f64::from(version % VERSIONS) / 1000.0;
        let tag = &self.lots[index].number[6..];
        let lot = json!({
            "lotNumber": self.lots[index].number,
            "dateRegistration": "2017-11-03",
            "timeRegistration": "081530",
            "creator": party(index % 40, "CD"),
            "mineral": "2609.00.00",
            "concentration": 61.25,
            "mass": mass,
            "packageType": "bag",
            "nrOfPackages": 12,
            "unitOfMeasurement": "KGM",
            "mineSiteId": "CD-+0.3319+28.7126-191",
            "creatorRole": [1, 2],
            "recipient": party(40 + index % 7, "CD"),
            "originatingOperation": [1],
            "tag": {
                "identifier": format!("T{tag}"),
                "issuer": party(50, "CD"),
                "issueDate": "2017-10-30",
                "issueTime": "070000"
            },
            "taxPaid": [
                {"taxType": "Redevance provinciale", "taxAmount": 85.5, "currency": "USD"},
                {"taxType": "Taxe de concentration", "taxAmount": 12.25, "currency": "USD"}
            ],
            "dateSealed": "2017-11-03",
            "dateShipped": "2017-11-06",
            "responsibleStaff": "Chef de site",
            "transportationMethod": "Camion",
            "transportationRoute": "Route nationale 2",
            "transportCompany": "Transporteur du marché"
        });
        Bytes::from(lot.to_string())
    }
}

fn party(number: usize, country: &str) -> Value {
    let address = json!({
        "country": country,
        "subnationalDivisionL1": "CD-NK",
        "subnationalDivisionL1Text": "Nord-Kivu",
        "addressLocalityText": format!("Avenue du Port {number}")
    });
    json!({
        "identifier": format!("CD-PARTY-{number:04}"),
        "name": format!("Coopérative minière numéro {number}"),
        "legalAddress": address,
        "physicalAddress": address,
        "tin": format!("A{number:08}"),
        "contactDetails": {
            "legalRepresentative": format!("Représentant {number}"),
            "contactPhoneNumber": format!("+2438100{number:05}"),
            "contactEmail": format!("contact{number}@exemple.cd")
        }
    })
}
