//! The member states as the set needs them: where they mine, how they ship.

use super::mineral::Mineral::{self, Gold, Tantalum, Tin, Tungsten};

/// One member state.
#[derive(Debug)]
pub(crate) struct State {
    /// ISO 3166-1 alpha-2.
    pub(crate) code: &'static str,
    /// ISO 3166-1 alpha-3.
    pub alpha3: &'static str,
    /// Calling code of its telephones.
    pub(crate) phone: &'static str,
    /// Border post of exit and entry, UN/LOCODE.
    pub(crate) post: &'static str,
    /// States on the way to other continents.
    pub(crate) through: &'static [&'static str],
    /// Minerals that its sites yield.
    pub(crate) minerals: &'static [Mineral],
    /// Where its sites lie.
    pub(crate) belts: &'static [Belt],
}

/// A part of a state in which sites lie; hundredths of degrees, both ends inside.
#[derive(Debug)]
pub(crate) struct Belt {
    /// ISO 3166-2.
    pub(crate) province: &'static str,
    /// South and north.
    pub(crate) latitude: (i64, i64),
    /// West and east.
    pub(crate) longitude: (i64, i64),
}

const fn belt(province: &'static str, latitude: (i64, i64), longitude: (i64, i64)) -> Belt {
    Belt { province, latitude, longitude }
}

/// States that every set has: frauds between states need them.
pub(crate) const CORE: [&str; 5] = ["COD", "RWA", "UGA", "TZA", "BDI"];

/// The twelve. Wolframite of UG and RW is left to the frauds about balances.
pub(crate) static STATES: [State; 12] = [
    State {
        code: "CD",
        alpha3: "COD",
        phone: "24381",
        post: "CDGOM",
        through: &["TZ"],
        minerals: &[Tin, Tantalum, Tungsten, Gold],
        belts: &[
            belt("CD-NK", (-150, 30), (2810, 2900)),
            belt("CD-SK", (-360, -220), (2790, 2850)),
            belt("CD-MA", (-400, -220), (2560, 2720)),
        ],
    },
    State {
        code: "RW",
        alpha3: "RWA",
        phone: "25078",
        post: "RWKGL",
        through: &["TZ"],
        minerals: &[Tin, Tantalum],
        belts: &[
            belt("RW-04", (-240, -175), (2930, 2960)),
            belt("RW-02", (-220, -150), (3020, 3055)),
        ],
    },
    State {
        code: "UG",
        alpha3: "UGA",
        phone: "25677",
        post: "UGEBB",
        through: &["KE"],
        minerals: &[Tin, Gold],
        belts: &[belt("UG-W", (-80, 60), (3020, 3085)), belt("UG-C", (30, 100), (3140, 3220))],
    },
    State {
        code: "TZ",
        alpha3: "TZA",
        phone: "25575",
        post: "TZDAR",
        through: &[],
        minerals: &[Tin, Gold],
        belts: &[
            belt("TZ-05", (-260, -150), (3105, 3180)),
            belt("TZ-18", (-320, -270), (3260, 3330)),
        ],
    },
    State {
        code: "BI",
        alpha3: "BDI",
        phone: "25779",
        post: "BIBJM",
        through: &["TZ"],
        minerals: &[Tin, Tantalum],
        belts: &[
            belt("BI-KI", (-290, -258), (3000, 3030)),
            belt("BI-CI", (-310, -278), (2912, 2935)),
        ],
    },
    State {
        code: "KE",
        alpha3: "KEN",
        phone: "25472",
        post: "KEMBA",
        through: &[],
        minerals: &[Gold],
        belts: &[belt("KE-27", (-105, -90), (3435, 3470)), belt("KE-11", (10, 50), (3460, 3490))],
    },
    State {
        code: "ZM",
        alpha3: "ZMB",
        phone: "26097",
        post: "ZMLUN",
        through: &["TZ"],
        minerals: &[Tin, Gold],
        belts: &[belt("ZM-07", (-1730, -1650), (2690, 2750))],
    },
    State {
        code: "AO",
        alpha3: "AGO",
        phone: "24492",
        post: "AOLAD",
        through: &[],
        minerals: &[Gold],
        belts: &[belt("AO-HUI", (-1500, -1400), (1450, 1600))],
    },
    State {
        code: "CG",
        alpha3: "COG",
        phone: "24206",
        post: "CGPNR",
        through: &[],
        minerals: &[Gold],
        belts: &[belt("CG-13", (130, 200), (1410, 1550))],
    },
    State {
        code: "CF",
        alpha3: "CAF",
        phone: "23670",
        post: "CFBGF",
        through: &["CM"],
        minerals: &[Gold],
        belts: &[belt("CF-HS", (400, 480), (1530, 1620))],
    },
    State {
        code: "SS",
        alpha3: "SSD",
        phone: "21192",
        post: "SSJUB",
        through: &["KE"],
        minerals: &[Gold],
        belts: &[belt("SS-EE", (440, 520), (3290, 3390))],
    },
    State {
        code: "SD",
        alpha3: "SDN",
        phone: "24991",
        post: "SDPZU",
        through: &[],
        minerals: &[Gold],
        belts: &[belt("SD-NR", (1800, 2000), (3220, 3380))],
    },
];

/// The state with that alpha-2 code.
///
/// # Panics
/// There is none; codes in the program are those of the table.
pub(crate) fn state(code: &str) -> &'static State {
    STATES.iter().find(|state| state.code == code).expect("a code of the table")
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::GeoPoint;
    use rmd_reconcile::geography::outside_m;

    use super::*;

    #[test]
    fn the_states_are_the_members() {
        let members: Vec<_> = rmd_standard::country::MEMBERS.iter().map(|one| one.0).collect();
        assert_eq!(STATES.len(), members.len());
        assert!(STATES.iter().all(|state| members.contains(&state.code)));
    }

    #[test]
    fn the_middle_of_every_belt_lies_in_its_state() {
        for state in &STATES {
            for belt in state.belts {
                let middle =
                    |(low, high): (i64, i64)| i32::try_from((low + high) * 50_000).unwrap();
                let at = GeoPoint {
                    latitude_e7: middle(belt.latitude),
                    longitude_e7: middle(belt.longitude),
                };
                assert_eq!(outside_m(state.code, at), Some(0), "{}", belt.province);
            }
        }
    }
}
