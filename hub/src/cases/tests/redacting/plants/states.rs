//! Of states and sites.

use rmd_reconcile::{Measure, SubjectKind, Unit};

use super::{Both, Cd, Nobody, OTHER_IN, OTHER_SITE, Plant, Rw, mass, plant};
use crate::cases::testing::{CD, RW};

/// Findings about sums, months and places.
pub(super) fn states() -> Vec<Plant> {
    let text = Measure::text;
    vec![
        // What the partner says is the partner's.
        plant(
            ("R17", "R17"),
            (SubjectKind::Mirror, "RW/CD/260900/2017"),
            OTHER_IN,
            vec![
                (text("partner", CD), Both),
                (mass("reported", 9_345_671_823), Cd),
                (text("country", RW), Both),
                (text("year", "2017"), Both),
                (mass("exported", 3_145_671_829), Rw),
            ],
            &["partner", "country", "year", "exported"],
        ),
        plant(
            ("R18", "R18-MASS"),
            (SubjectKind::Balance, "RW/260900"),
            OTHER_IN,
            vec![
                (mass("exported", 8_145_671_837), Nobody),
                (text("from", "2017-01"), Both),
                (text("to", "2017-12"), Both),
                (mass("sources", 5_145_671_841), Nobody),
            ],
            &["from", "to"],
        ),
        plant(
            ("R19", "R19-CAPACITY"),
            (SubjectKind::SiteMonth, "RW-1.9-30.1-5151/260900/2017-05"),
            OTHER_SITE,
            vec![
                (mass("mass", 645_671_843), Rw),
                (text("month", "2017-05"), Rw),
                (mass("capacity", 345_671_847), Cd),
            ],
            &["mass", "month"],
        ),
        plant(
            ("R20", "R20-NEAR"),
            (SubjectKind::SiteMonth, "RW-1.9-30.1-5151/260900/2017-06"),
            OTHER_SITE,
            vec![
                (mass("mass", 545_671_853), Rw),
                (text("month", "2017-06"), Rw),
                (Measure::number("months", Unit::Count, 12), Both),
                (mass("median", 4_145_671_857), Nobody),
            ],
            &["mass", "month", "months"],
        ),
        plant(
            ("R24", "R24-NEAR"),
            (SubjectKind::MineSite, "RW-1.9-30.1-5152"),
            OTHER_SITE,
            vec![
                (Measure::number("distance", Unit::Metres, 87_651_471_829), Nobody),
                (text("other", OTHER_SITE.1), Cd),
            ],
            &[],
        ),
    ]
}
