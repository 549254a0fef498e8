//! The size of a difference, in bands.
//!
//! What another state reported is told only as far from the own number as one of six
//! bands is wide. Within the lowest band nothing says in which direction.

use rmd_proto::v1;

/// Where bands begin, parts per million of the own number.
const EDGES_PPM: [u32; 6] = [0, 30_000, 100_000, 250_000, 500_000, 1_000_000];

/// One per cent, parts per million.
const PERCENT: u32 = 10_000;

/// How far another number is from the own one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Band {
    from_ppm: u32,
    /// None at the upper end.
    to_ppm: Option<u32>,
    direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Less,
    More,
    /// The band is that of a share, or too narrow for a direction.
    Untold,
}

impl Band {
    /// How far a number is from the own one.
    pub(super) fn between(own: i64, other: i64) -> Self {
        let (own, other) = (i128::from(own), i128::from(other));
        let gap = (other - own).abs();
        let ppm = (gap * i128::from(EDGES_PPM[5])).checked_div(own.abs()).unwrap_or(i128::MAX);
        let band = Self::holding(ppm);
        let direction = if other < own { Direction::Less } else { Direction::More };
        if band.from_ppm == 0 { band } else { Self { direction, ..band } }
    }

    /// The band that holds a share, parts per million of a whole.
    pub(super) fn of_share(ppm: i64) -> Self {
        Self::holding(ppm.into())
    }

    fn holding(ppm: i128) -> Self {
        let above = EDGES_PPM.partition_point(|edge| i128::from(*edge) <= ppm).max(1);
        Self {
            from_ppm: EDGES_PPM[above - 1],
            to_ppm: EDGES_PPM.get(above).copied(),
            direction: Direction::Untold,
        }
    }

    /// In the place of a number that stands beside the own one, English.
    pub(super) fn beside_en(self) -> String {
        match (self.to_ppm, self.direction) {
            (Some(to), Direction::Untold) => format!("as much, within {} %", to / PERCENT),
            (Some(to), Direction::Less) => format!("{} to {} % less", self.from(), to / PERCENT),
            (Some(to), Direction::More) => format!("{} to {} % more", self.from(), to / PERCENT),
            (None, Direction::Less) => format!("at least {} % less", self.from()),
            (None, _) => format!("at least {} % more", self.from()),
        }
    }

    /// The same in French.
    pub(super) fn beside_fr(self) -> String {
        match (self.to_ppm, self.direction) {
            (Some(to), Direction::Untold) => format!("autant, à {} % près", to / PERCENT),
            (Some(to), Direction::Less) => {
                format!("{} à {} % de moins", self.from(), to / PERCENT)
            }
            (Some(to), Direction::More) => format!("{} à {} % de plus", self.from(), to / PERCENT),
            (None, Direction::Less) => format!("au moins {} % de moins", self.from()),
            (None, _) => format!("au moins {} % de plus", self.from()),
        }
    }

    /// In the place of a share, English.
    pub(super) fn share_en(self) -> String {
        match self.to_ppm {
            Some(to) => format!("{} to {} %", self.from(), to / PERCENT),
            None => format!("{} % or more", self.from()),
        }
    }

    /// The same in French.
    pub(super) fn share_fr(self) -> String {
        match self.to_ppm {
            Some(to) => format!("{} à {} %", self.from(), to / PERCENT),
            None => format!("{} % ou plus", self.from()),
        }
    }

    const fn from(self) -> u32 {
        self.from_ppm / PERCENT
    }

    /// What a notice says of it beside its sentence.
    pub(super) fn told(self, country: String) -> v1::CaseOther {
        let direction = match self.direction {
            Direction::Less => "less",
            Direction::More => "more",
            Direction::Untold => "",
        };
        v1::CaseOther {
            country,
            difference_from_ppm: self.from_ppm,
            difference_to_ppm: self.to_ppm.unwrap_or_default(),
            direction: direction.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_as_wide_as_its_band() {
        for (own, other, en, fr) in [
            (1_000, 1_000, "as much, within 3 %", "autant, à 3 % près"),
            (1_000, 971, "as much, within 3 %", "autant, à 3 % près"),
            (1_000, 970, "3 to 10 % less", "3 à 10 % de moins"),
            (1_000, 1_249, "10 to 25 % more", "10 à 25 % de plus"),
            (1_000, 2_000, "at least 100 % more", "au moins 100 % de plus"),
            (0, 7, "at least 100 % more", "au moins 100 % de plus"),
            (-5, i64::MAX, "at least 100 % more", "au moins 100 % de plus"),
            (i64::MAX, 0, "at least 100 % less", "au moins 100 % de moins"),
        ] {
            let band = Band::between(own, other);
            assert_eq!((band.beside_en().as_str(), band.beside_fr().as_str()), (en, fr));
        }
        assert_eq!(Band::of_share(29_999).share_en(), "0 to 3 %");
        assert_eq!(Band::of_share(1_000_000).share_fr(), "100 % ou plus");
        assert_eq!(Band::of_share(-1).share_en(), "0 to 3 %");
    }

    #[test]
    fn numbers_of_one_band_cannot_be_told_apart() {
        let told = |other| Band::between(1_000_000, other).told("RW".to_owned());
        for other in 1_100_000..1_249_999 {
            assert_eq!(told(other), told(1_200_000));
        }
        assert_ne!(told(1_250_000), told(1_200_000));
    }
}
