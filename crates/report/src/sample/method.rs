//! The made-up method: the rules by their real names, some of their limits, feeds.

use rmd_standard::country::MEMBERS;

use super::Dice;
use crate::{FeedCheckpoint, LimitLine, Method, RuleLine, Unit};

const RULES: [(&str, &str, &str); 28] = [
    ("R01", "More leaves a lot than it holds", "Il sort d'un lot plus qu'il ne contient"),
    ("R02", "Combined lot against its inputs", "Lot combiné face à ses apports"),
    ("R03", "Processed lot against its inputs", "Lot traité face à ses apports"),
    ("R04", "Weight changed on the way", "Poids changé en route"),
    ("R05", "One tag on two lots", "Une étiquette sur deux lots"),
    ("R06", "Tag outside its site's allocation", "Étiquette hors de l'allocation de son site"),
    ("R07", "Order of a tag's events", "Ordre des événements d'une étiquette"),
    ("R08", "Site that may not trade", "Site qui ne peut pas commercer"),
    ("R09", "Certificate that leads back to such a site", "Certificat qui remonte à un tel site"),
    ("R10", "Share that leads back to no site", "Part qui ne remonte à aucun site"),
    ("R11", "Validity of a certificate", "Validité d'un certificat"),
    ("R12", "Certificate used again or copied", "Certificat réutilisé ou copié"),
    ("R13", "Certificate against its lots", "Certificat face à ses lots"),
    (
        "R14",
        "Declared origins against those of the lots",
        "Origines déclarées face à celles des lots",
    ),
    ("R15", "Export without a certificate", "Exportation sans certificat"),
    ("R16", "Exports against imports", "Exportations face aux importations"),
    ("R17", "Mirror statistics of third countries", "Statistiques miroir de pays tiers"),
    ("R18", "A state's balance", "Bilan d'un État"),
    ("R19", "Production against capacity", "Production face à la capacité"),
    ("R20", "Sudden rise of production", "Hausse soudaine de la production"),
    ("R21", "Production where there can be none", "Production là où il ne peut y en avoir"),
    ("R22", "Value or concentration out of line", "Valeur ou concentration hors de l'ordinaire"),
    ("R23", "Route", "Itinéraire"),
    ("R24", "Location and identity of a site", "Lieu et identité d'un site"),
    ("R25", "Graph of lots", "Graphe des lots"),
    ("R26", "Reporting of a state", "Déclarations d'un État"),
    ("R27", "Clock of inspections", "Échéances des inspections"),
    ("R28", "Standing of an exporter", "Situation d'un exportateur"),
];

pub(super) fn method(has_data: bool) -> Method {
    let feeds = if has_data { feeds() } else { Vec::new() };
    Method {
        software: "rmd-hub 0.1.0".to_owned(),
        parameters_version: has_data.then_some(3),
        parties_least: 3,
        deadline_day: 15,
        rules: RULES.map(|(id, en, fr)| rule(id, en, fr)).to_vec(),
        feeds,
    }
}

fn rule(id: &str, en: &str, fr: &str) -> RuleLine {
    let limits = match id {
        "R16" => vec![
            limit(
                Unit::Days,
                60,
                None,
                "Days by which an entry may come after the exit",
                "Jours dont une entrée peut suivre la sortie",
            ),
            limit(
                Unit::Share,
                30_000,
                None,
                "Difference of a pair's masses that warns",
                "Écart des masses d'une paire qui avertit",
            ),
            limit(
                Unit::Mass,
                50_000_000,
                None,
                "Absolute difference below which a pair's masses agree",
                "Écart absolu en deçà duquel les masses d'une paire concordent",
            ),
            limit(
                Unit::Mass,
                100_000,
                Some("710812"),
                "Absolute difference below which a pair's masses agree",
                "Écart absolu en deçà duquel les masses d'une paire concordent",
            ),
        ],
        "R24" => vec![limit(
            Unit::Metres,
            2_000,
            None,
            "Distance outside of the country",
            "Distance hors du pays",
        )],
        "R09" | "R14" | "R21" => Vec::new(),
        _ => vec![limit(Unit::Share, 5_000, None, "Difference that is let pass", "Écart toléré")],
    };
    let (id, en, fr) = (id.to_owned(), en.to_owned(), fr.to_owned());
    RuleLine { id, version: 1, en, fr, limits }
}

fn limit(unit: Unit, value: i64, mineral: Option<&str>, en: &str, fr: &str) -> LimitLine {
    LimitLine {
        name: "made_up".to_owned(),
        en: en.to_owned(),
        fr: fr.to_owned(),
        unit,
        value,
        country: None,
        mineral: mineral.map(str::to_owned),
    }
}

fn feeds() -> Vec<FeedCheckpoint> {
    let mut dice = Dice(23);
    let names = ["master-data", "transactions"];
    let states = MEMBERS
        .iter()
        .filter(|member| ["BDI", "COG", "COD", "KEN", "RWA", "TZA", "UGA"].contains(&member.1));
    states
        .flat_map(|member| names.map(|feed| (member, feed)))
        .map(|(member, feed)| FeedCheckpoint {
            country: member.0.to_owned(),
            node: format!("node-{}", member.1.to_lowercase()),
            feed: feed.to_owned(),
            epoch: 1,
            size: dice.up_to(4_000_000),
            root: format!("{:08x}{:08x}", dice.up_to(1 << 31), dice.up_to(1 << 31)).repeat(4),
            verified: true,
            frozen: member.1 == "UGA" && feed == "transactions",
            last_exchange_on: Some(jiff::civil::date(2026, 11, 21)),
        })
        .collect()
}
