//! Subjects with the records around them, as rules read them.
//!
//! A view holds everything that its rules need and nothing that they do not: who
//! fills it decides which records are fetched, a rule never asks for more. Lists
//! in a view may stand in any order.

mod certificate;
mod custody;
mod export;
mod licence;
mod lot;
mod site;
mod site_month;
mod site_view;
mod state;
mod tag;

pub use certificate::{CertificateLot, CertificateView, ExporterFact, Priced};
pub(crate) use certificate::{holds_on, is_void};
pub use custody::{Custody, Inherited, WHOLE};
pub use export::{CertificateLink, ExportView};
pub(crate) use licence::{Cover, cover};
pub use lot::{Contribution, Elsewhere, Input, LotView, Parent, SiteLink, TagOrigin, Use};
pub use site::SiteFacts;
pub use site_month::SiteMonthView;
pub(crate) use site_view::Declared;
pub use site_view::{Neighbour, SiteView};
pub use state::{Amount, BalanceView, FeedView, Flows, MirrorView, PeriodView};
pub use tag::{TagView, TaggedLot};

pub(crate) use nature::{creator, day, is_production};

pub(crate) mod nature;
