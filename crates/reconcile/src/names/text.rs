//! How a name is written: its kind and its parts, joined by slashes.

use std::{fmt, str::FromStr};

use super::Name;
use crate::pairing::{Direction, Traded};

/// A text that is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no name of a record")]
pub struct Unreadable(pub String);

impl Name {
    /// The word before the parts, and the parts.
    fn parts(&self) -> (&'static str, Vec<String>) {
        let two = |one: &String, other: &String| vec![one.clone(), other.clone()];
        match self {
            Self::Lot { country, number } => ("lot", two(country, number)),
            Self::LotNamed { country, number } => ("lot-named", two(country, number)),
            Self::Tag { scheme, identifier } => ("tag", two(&scheme.to_string(), identifier)),
            Self::Certificate { country, identifier } => ("certificate", two(country, identifier)),
            Self::CertificateNamed { country, identifier } => {
                ("certificate-named", two(country, identifier))
            }
            Self::Site { key } => ("site", vec![key.clone()]),
            Self::SiteNamed { key } => ("site-named", vec![key.clone()]),
            Self::TagSeries { series } => ("tag-series", vec![series.clone()]),
            Self::NationalId { country, id } => ("national-id", two(country, id)),
            Self::Place { row, column } => ("place", two(&row.to_string(), &column.to_string())),
            Self::Province { country, province } => ("province", two(country, province)),
            Self::Yield { site, mineral, month } => {
                ("yield", vec![site.clone(), mineral.clone(), month.clone()])
            }
            Self::Exporter { country, identifier } => ("exporter", two(country, identifier)),
            Self::Worth { mineral, issued } => ("worth", two(mineral, &issued.to_string())),
            Self::Traded(traded) => {
                let Traded { direction, mineral, from, to, day, mass_mg } = traded;
                let parts = [direction.as_str(), mineral, from, to].map(str::to_owned);
                let rest = [day.to_string(), mass_mg.to_string()];
                ("traded", parts.into_iter().chain(rest).collect())
            }
            Self::Balance { country, mineral } => ("balance", two(country, mineral)),
            Self::Mirror { country, partner, mineral, year } => {
                let parts = [country, partner, mineral].map(Clone::clone);
                ("mirror", parts.into_iter().chain([year.to_string()]).collect())
            }
        }
    }

    fn of(kind: &str, parts: Vec<String>) -> Option<Self> {
        let mut parts = parts.into_iter();
        let mut next = || parts.next();
        let name = match kind {
            "lot" => Self::Lot { country: next()?, number: next()? },
            "lot-named" => Self::LotNamed { country: next()?, number: next()? },
            "tag" => Self::Tag { scheme: next()?.parse().ok()?, identifier: next()? },
            "certificate" => Self::Certificate { country: next()?, identifier: next()? },
            "certificate-named" => Self::CertificateNamed { country: next()?, identifier: next()? },
            "site" => Self::Site { key: next()? },
            "site-named" => Self::SiteNamed { key: next()? },
            "tag-series" => Self::TagSeries { series: next()? },
            "national-id" => Self::NationalId { country: next()?, id: next()? },
            "place" => Self::Place { row: next()?.parse().ok()?, column: next()?.parse().ok()? },
            "province" => Self::Province { country: next()?, province: next()? },
            "yield" => Self::Yield { site: next()?, mineral: next()?, month: next()? },
            "exporter" => Self::Exporter { country: next()?, identifier: next()? },
            "worth" => Self::Worth { mineral: next()?, issued: next()?.parse().ok()? },
            "traded" => Self::Traded(Traded {
                direction: Direction::of(&next()?)?,
                mineral: next()?,
                from: next()?,
                to: next()?,
                day: next()?.parse().ok()?,
                mass_mg: next()?.parse().ok()?,
            }),
            "balance" => Self::Balance { country: next()?, mineral: next()? },
            "mirror" => Self::Mirror {
                country: next()?,
                partner: next()?,
                mineral: next()?,
                year: next()?.parse().ok()?,
            },
            _ => return None,
        };
        parts.next().is_none().then_some(name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, parts) = self.parts();
        formatter.write_str(kind)?;
        for part in parts {
            // A line holds one name, so that a list of them is a text of lines.
            let part = part.replace('%', "%25").replace('/', "%2F").replace('\n', "%0A");
            write!(formatter, "/{part}")?;
        }
        Ok(())
    }
}

impl FromStr for Name {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut parts = text.split('/');
        let kind = parts.next().unwrap_or_default();
        let read = |part: &str| part.replace("%0A", "\n").replace("%2F", "/").replace("%25", "%");
        Self::of(kind, parts.map(read).collect()).ok_or_else(|| Unreadable(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_is_read_as_it_was_written(
            one in ".{0,12}",
            other in ".{0,12}",
            number in any::<i32>(),
            mass_mg in any::<i64>(),
        ) {
            let day = jiff::civil::date(2026, 7, 1);
            let (country, year) = (one.clone(), 2026);
            let traded = Traded {
                direction: Direction::Import,
                mineral: one.clone(),
                from: other.clone(),
                to: one.clone(),
                day,
                mass_mg,
            };
            let names = [
                Name::Lot { country: one.clone(), number: other.clone() },
                Name::LotNamed { country: one.clone(), number: other.clone() },
                Name::Tag { scheme: number, identifier: one.clone() },
                Name::Certificate { country: one.clone(), identifier: other.clone() },
                Name::CertificateNamed { country: one.clone(), identifier: other.clone() },
                Name::Site { key: one.clone() },
                Name::SiteNamed { key: one.clone() },
                Name::TagSeries { series: one.clone() },
                Name::NationalId { country: one.clone(), id: other.clone() },
                Name::Place { row: number, column: -1 },
                Name::Province { country: one.clone(), province: other.clone() },
                Name::Yield { site: one.clone(), mineral: other.clone(), month: one.clone() },
                Name::Exporter { country: one.clone(), identifier: other.clone() },
                Name::Worth { mineral: one.clone(), issued: day },
                Name::Traded(traded),
                Name::Balance { country: one.clone(), mineral: other.clone() },
                Name::Mirror { country, partner: other.clone(), mineral: other.clone(), year },
            ];
            for name in names {
                let text = name.to_string();
                prop_assert!(!text.contains('\n'));
                prop_assert_eq!(text.parse(), Ok(name));
            }
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "lot", "lot/RW", "lot/RW/1/2", "place/one/2", "planet/RW/1"] {
            assert_eq!(text.parse::<Name>(), Err(Unreadable(text.to_owned())));
        }
    }
}
