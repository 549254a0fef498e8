//! A lot with its inputs, its uses, its certificates and its site.

use std::sync::Arc;

use rmd_proto::v1;

use super::SiteFacts;
use crate::{Fact, Lack, Missing, Named};

/// A lot and what is around it.
#[derive(Debug, Clone)]
pub struct LotView {
    /// The lot.
    pub lot: Arc<Fact<v1::Lot>>,
    /// Its input lots, each with what it names.
    pub inputs: Vec<Input>,
    /// The lots that name it as an input.
    pub uses: Vec<Use>,
    /// Certificates that are not void and of which it is a lot.
    pub certificates: Vec<Arc<Fact<v1::ExportCertificate>>>,
    /// The site that it names.
    pub site: SiteLink,
    /// Other sites to which tags of the lot were allocated.
    pub allocated_elsewhere: Vec<Elsewhere>,
    /// Where its tags were applied, as far as is known.
    pub tag_origins: Vec<TagOrigin>,
    /// Whether it is one of a ring of lots that feed each other.
    pub is_in_cycle: bool,
}

/// One input lot.
#[derive(Debug, Clone)]
pub struct Input {
    /// As the lot states it.
    pub stated: v1::InputLot,
    /// The state in which the lot named was registered, alpha-2.
    pub country: String,
    /// What it names.
    pub parent: Parent,
}

/// What the name of an input lot leads to.
#[derive(Debug, Clone)]
pub enum Parent {
    /// One lot.
    Known(Arc<Fact<v1::Lot>>),
    /// The very lot that names it: a change of custody told on one row.
    Itself,
    /// No lot.
    Unknown,
    /// More than one lot.
    Ambiguous,
}

impl Parent {
    /// The key of the lot, if it is one.
    pub(crate) fn key(&self) -> Option<Arc<str>> {
        match self {
            Self::Known(parent) => Some(Arc::clone(&parent.named.key)),
            Self::Itself | Self::Unknown | Self::Ambiguous => None,
        }
    }
}

/// A lot that names the lot as an input.
#[derive(Debug, Clone)]
pub struct Use {
    /// The other lot.
    pub child: Arc<Fact<v1::Lot>>,
    /// What it took, milligrams, if it says so.
    pub contributed_mg: Option<i64>,
}

/// The site that a lot names.
#[derive(Debug, Clone)]
pub enum SiteLink {
    /// None.
    Unnamed,
    /// A site that no state has, with the state that it says, alpha-2.
    Unknown {
        /// The id as the lot states it.
        id: String,
        /// The state in it; empty if the id is unreadable.
        country: String,
    },
    /// A site of the regional view.
    Known(Arc<SiteFacts>),
}

/// The site of the production lot on which a tag was applied.
#[derive(Debug, Clone)]
pub struct TagOrigin {
    /// Identifier of the tag.
    pub tag: String,
    /// Where the site lies.
    pub at: v1::GeoPoint,
}

/// A tag of a lot that was allocated to a site other than the lot's.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    /// Identifier of the tag.
    pub tag: String,
    /// The other site.
    pub site: Named,
}

/// Mass and contained metal of an input lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contribution {
    /// Milligrams that went in.
    pub mass_mg: i128,
    /// Parts per million of the analyte in them.
    pub concentration_ppm: Option<u32>,
}

impl LotView {
    /// What one input contributed, or what is missing for it. The concentration
    /// stated with the input counts; else that of the lot it names.
    pub(crate) fn contribution(&self, input: &Input) -> Result<Contribution, Missing> {
        let Some(mass) = input.stated.contributed_mass_mg else {
            let what = "Lot.input_lot.contributed_mass_mg";
            return Err(Missing::new(what, self.lot.key(), Lack::Absent));
        };
        let of_parent = match &input.parent {
            Parent::Known(parent) => parent.record.concentration_ppm,
            Parent::Itself => self.lot.record.concentration_ppm,
            Parent::Unknown | Parent::Ambiguous => None,
        };
        let concentration_ppm = input.stated.contributed_concentration_ppm.or(of_parent);
        Ok(Contribution { mass_mg: i128::from(mass), concentration_ppm })
    }

    /// What all inputs contributed, or everything that is missing for it.
    pub(crate) fn contributions(&self) -> Result<Vec<Contribution>, Vec<Missing>> {
        if self.inputs.is_empty() {
            return Err(vec![Missing::new("Lot.input_lot", self.lot.key(), Lack::Absent)]);
        }
        let all: Vec<_> = self.inputs.iter().map(|input| self.contribution(input)).collect();
        let missing: Vec<_> = all.iter().filter_map(|one| one.clone().err()).collect();
        if missing.is_empty() { Ok(all.into_iter().flatten().collect()) } else { Err(missing) }
    }

    /// The lots that its inputs name.
    pub(crate) fn parents(&self) -> impl Iterator<Item = &Arc<Fact<v1::Lot>>> {
        self.inputs.iter().filter_map(|input| match &input.parent {
            Parent::Known(parent) => Some(parent),
            Parent::Itself | Parent::Unknown | Parent::Ambiguous => None,
        })
    }
}
