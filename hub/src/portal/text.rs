//! Every word on the pages, in English and French, in one table.
//!
//! A word that lacks in one language does not compile. Numbers, days and ages
//! are written as each language writes them.

use jiff::Timestamp;
use rmd_standard::country::MEMBERS;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    En,
    Fr,
}

impl Lang {
    /// `en` or `fr`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    /// The language's own name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "Français",
        }
    }

    /// The one that is not shown.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::En => Self::Fr,
            Self::Fr => Self::En,
        }
    }

    /// The words of the language.
    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Self::En => &EN,
            Self::Fr => &FR,
        }
    }

    /// The name of a member state by its alpha-2 code; the code itself if it is none.
    pub(crate) fn country(self, alpha2: &str) -> &str {
        MEMBERS.iter().find(|member| member.0 == alpha2).map_or(alpha2, |member| match self {
            Self::En => member.2,
            Self::Fr => member.3,
        })
    }

    /// A status or reason by the word of the standard; the word itself if it is new.
    pub(crate) fn term(self, word: &str) -> &str {
        TERMS.iter().find(|term| term.0 == word).map_or(word, |term| match self {
            Self::En => term.1,
            Self::Fr => term.2,
        })
    }

    /// A number with its thousands apart.
    pub(crate) fn number(self, number: i64) -> String {
        let digits = number.unsigned_abs().to_string();
        let separator = match self {
            Self::En => ',',
            // Narrow no-break space, as French typography has it.
            Self::Fr => '\u{202f}',
        };
        let mut text = String::from(if number < 0 { "-" } else { "" });
        for (position, digit) in digits.chars().enumerate() {
            if position > 0 && (digits.len() - position).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }

    /// How long ago an instant was, in its largest unit. An instant in the
    /// future, by clocks that differ, is now.
    pub(crate) fn age(self, then: Timestamp, now: Timestamp) -> String {
        let seconds = now.duration_since(then).as_secs().max(0);
        let (count, unit) = match seconds {
            0..60 => (seconds, ["s", "s"]),
            60..3_600 => (seconds / 60, ["min", "min"]),
            3_600..172_800 => (seconds / 3_600, ["h", "h"]),
            _ => (seconds / 86_400, ["days", "jours"]),
        };
        let unit = match self {
            Self::En => unit[0],
            Self::Fr => unit[1],
        };
        format!("{}\u{a0}{unit}", self.number(count))
    }
}

/// Statuses, feeds and reasons: word of the standard or of ours, English, French.
const TERMS: [(&str, &str, &str); 14] = [
    ("green", "Green", "Vert"),
    ("blue", "Blue", "Bleu"),
    ("yellow", "Yellow", "Jaune"),
    ("red", "Red", "Rouge"),
    ("void", "Void", "Annulé"),
    ("master-data", "Master data", "Données de base"),
    ("transactions", "Transactions", "Transactions"),
    ("inspection", "inspection", "inspection"),
    ("lapse", "lapsed", "échu"),
    ("overdue", "overdue", "délai dépassé"),
    ("declaration", "declaration", "déclaration"),
    ("decision", "decision of the Secretariat", "décision du Secrétariat"),
    ("unknown", "unknown", "inconnu"),
    ("shared", "Shared", "Partagé"),
];

/// The words of the pages in one language; the use of each stands in the templates.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) product: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) nav_pages: &'static str,
    pub(crate) nav_language: &'static str,
    pub(crate) nav_pagination: &'static str,
    pub(crate) nav_exchange: &'static str,
    pub(crate) nav_sites: &'static str,
    pub(crate) computed_for: &'static str,
    pub(crate) footer: &'static str,
    pub(crate) exchange_title: &'static str,
    pub(crate) exchange_lead: &'static str,
    pub(crate) exchange_caption: &'static str,
    pub(crate) state: &'static str,
    pub(crate) feed: &'static str,
    pub(crate) last_exchange: &'static str,
    pub(crate) age: &'static str,
    pub(crate) size: &'static str,
    pub(crate) verified: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) held: &'static str,
    pub(crate) root: &'static str,
    pub(crate) no_data: &'static str,
    pub(crate) not_enrolled: &'static str,
    pub(crate) invited: &'static str,
    pub(crate) enrolled: &'static str,
    pub(crate) behind: &'static str,
    pub(crate) pauses: &'static str,
    pub(crate) suspended: &'static str,
    pub(crate) revoked: &'static str,
    pub(crate) verified_yes: &'static str,
    pub(crate) verified_frozen: &'static str,
    pub(crate) verified_waiting: &'static str,
    pub(crate) refused_by_hub: &'static str,
    pub(crate) tile_states: &'static str,
    pub(crate) tile_entries: &'static str,
    pub(crate) tile_sites: &'static str,
    pub(crate) tile_bulletins: &'static str,
    pub(crate) of_twelve: &'static str,
    pub(crate) delivered: &'static str,
    pub(crate) applied: &'static str,
    pub(crate) legend: &'static str,
    pub(crate) legend_size: &'static str,
    pub(crate) legend_verified: &'static str,
    pub(crate) legend_refused: &'static str,
    pub(crate) legend_held: &'static str,
    pub(crate) sites_title: &'static str,
    pub(crate) sites_lead: &'static str,
    pub(crate) site: &'static str,
    pub(crate) place: &'static str,
    pub(crate) minerals: &'static str,
    pub(crate) declared: &'static str,
    pub(crate) effective: &'static str,
    pub(crate) all_states: &'static str,
    pub(crate) all_statuses: &'static str,
    pub(crate) filter: &'static str,
    pub(crate) no_sites: &'static str,
    pub(crate) sites_shown: &'static str,
    pub(crate) page: &'static str,
    pub(crate) previous: &'static str,
    pub(crate) next: &'static str,
    pub(crate) until: &'static str,
    pub(crate) not_stated: &'static str,
    pub(crate) legend_declared: &'static str,
    pub(crate) legend_effective: &'static str,
    pub(crate) legend_place: &'static str,
    pub(crate) not_found: &'static str,
    pub(crate) not_found_text: &'static str,
    pub(crate) unavailable: &'static str,
    pub(crate) unavailable_text: &'static str,
}

const EN: Words = Words {
    product: "Regional Minerals Database",
    skip: "Skip to the content",
    nav_pages: "Pages",
    nav_language: "Language",
    nav_pagination: "Pages of the list",
    nav_exchange: "Exchange",
    nav_sites: "Mine sites",
    computed_for: "computed for",
    footer: "Each state owns its records; the Secretariat shows what was released to it.",
    exchange_title: "Exchange with the states",
    exchange_lead: "What each member state has released, how old it is, and whether its history is proven.",
    exchange_caption: "All twelve member states, by feed",
    state: "State",
    feed: "Feed and node",
    last_exchange: "Last exchange",
    age: "Age",
    size: "Size",
    verified: "Verified",
    refused: "Refused",
    held: "Held",
    root: "Beginning of the root hash",
    no_data: "No data yet",
    not_enrolled: "not enrolled",
    invited: "invited, not yet enrolled",
    enrolled: "enrolled, no exchange yet",
    behind: "behind",
    pauses: "waits until",
    suspended: "suspended",
    revoked: "revoked",
    verified_yes: "Verified",
    verified_frozen: "Frozen",
    verified_waiting: "Not yet",
    refused_by_hub: "at the hub",
    tile_states: "States with data",
    tile_entries: "Entries verified",
    tile_sites: "Mine sites",
    tile_bulletins: "Bulletins",
    of_twelve: "of 12",
    delivered: "delivered",
    applied: "applied",
    legend: "How to read this page",
    legend_size: "Entries of the feed that the hub has verified and applied.",
    legend_verified: "The root of the tree over all entries equals the one that the state signed. Frozen: it did not; the evidence is kept and nothing more is applied.",
    legend_refused: "Records that break a rule: refused at the node, and at the hub where a number is given below.",
    legend_held: "Records that the node holds back because unusually many were deleted or changed at once.",
    sites_title: "Mine sites",
    sites_lead: "The status that the state declares, and beside it the status that counts under the clock of the standard and the decisions of the Secretariat.",
    site: "Site",
    place: "Place",
    minerals: "Minerals",
    declared: "Declared status",
    effective: "Effective status",
    all_states: "All states",
    all_statuses: "All statuses",
    filter: "Show",
    no_sites: "No released site matches.",
    sites_shown: "sites",
    page: "Page",
    previous: "Previous",
    next: "Next",
    until: "until",
    not_stated: "not stated",
    legend_declared: "As the state's own record has it; never changed here.",
    legend_effective: "Green for one year after an inspection, then Blue; Blue for three years, then Red; Yellow until its date, then Red. A decision in force counts if it is worse, or if it lifts.",
    legend_place: "The district, or the position to about one kilometre.",
    not_found: "Page not found",
    not_found_text: "There is no page at this address.",
    unavailable: "No answer at the moment",
    unavailable_text: "The regional store does not answer. Nothing is lost; please try again in a minute.",
};

const FR: Words = Words {
    product: "Base de données régionale des minerais",
    skip: "Aller au contenu",
    nav_pages: "Pages",
    nav_language: "Langue",
    nav_pagination: "Pages de la liste",
    nav_exchange: "Échanges",
    nav_sites: "Sites miniers",
    computed_for: "calculé pour le",
    footer: "Chaque État reste propriétaire de ses fiches ; le Secrétariat montre ce qui lui a été communiqué.",
    exchange_title: "Échanges avec les États",
    exchange_lead: "Ce que chaque État membre a communiqué, depuis quand, et si son historique est prouvé.",
    exchange_caption: "Les douze États membres, par flux",
    state: "État",
    feed: "Flux et nœud",
    last_exchange: "Dernier échange",
    age: "Âge",
    size: "Taille",
    verified: "Vérifié",
    refused: "Refusées",
    held: "Retenues",
    root: "Début de l'empreinte racine",
    no_data: "Pas encore de données",
    not_enrolled: "non inscrit",
    invited: "invité, pas encore inscrit",
    enrolled: "inscrit, pas encore d'échange",
    behind: "de retard",
    pauses: "attend jusqu'à",
    suspended: "suspendu",
    revoked: "révoqué",
    verified_yes: "Vérifié",
    verified_frozen: "Gelé",
    verified_waiting: "Pas encore",
    refused_by_hub: "au pivot",
    tile_states: "États avec données",
    tile_entries: "Entrées vérifiées",
    tile_sites: "Sites miniers",
    tile_bulletins: "Bulletins",
    of_twelve: "sur 12",
    delivered: "remis",
    applied: "appliqués",
    legend: "Comment lire cette page",
    legend_size: "Entrées du flux que le pivot a vérifiées et appliquées.",
    legend_verified: "La racine de l'arbre de toutes les entrées est celle que l'État a signée. Gelé : elle ne l'était pas ; la preuve est conservée et plus rien n'est appliqué.",
    legend_refused: "Fiches qui enfreignent une règle : refusées au nœud, et au pivot si un nombre figure en dessous.",
    legend_held: "Fiches que le nœud retient parce qu'un nombre inhabituel a été supprimé ou modifié d'un coup.",
    sites_title: "Sites miniers",
    sites_lead: "Le statut que l'État déclare et, à côté, le statut qui compte selon l'horloge de la norme et les décisions du Secrétariat.",
    site: "Site",
    place: "Lieu",
    minerals: "Minerais",
    declared: "Statut déclaré",
    effective: "Statut effectif",
    all_states: "Tous les États",
    all_statuses: "Tous les statuts",
    filter: "Afficher",
    no_sites: "Aucun site communiqué ne correspond.",
    sites_shown: "sites",
    page: "Page",
    previous: "Précédente",
    next: "Suivante",
    until: "jusqu'au",
    not_stated: "non indiqué",
    legend_declared: "Tel que la fiche de l'État l'indique ; jamais modifié ici.",
    legend_effective: "Vert un an après une inspection, puis Bleu ; Bleu trois ans, puis Rouge ; Jaune jusqu'à son échéance, puis Rouge. Une décision en vigueur compte si elle est pire, ou si elle lève.",
    legend_place: "Le district, ou la position à un kilomètre près environ.",
    not_found: "Page introuvable",
    not_found_text: "Il n'y a pas de page à cette adresse.",
    unavailable: "Pas de réponse pour le moment",
    unavailable_text: "La base régionale ne répond pas. Rien n'est perdu ; veuillez réessayer dans une minute.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        assert_eq!(Lang::En.number(1_234_567), "1,234,567");
        assert_eq!(Lang::Fr.number(1_234), "1\u{202f}234");
        assert_eq!(Lang::En.number(999), "999");
        assert_eq!(Lang::En.number(-1_000), "-1,000");
    }

    #[test]
    fn an_age_is_said_in_its_largest_unit() {
        let then: Timestamp = "2018-01-01T00:00:00Z".parse().unwrap();
        let after = |seconds: i64| then + jiff::SignedDuration::from_secs(seconds);
        assert_eq!(Lang::En.age(then, after(59)), "59\u{a0}s");
        assert_eq!(Lang::En.age(then, after(3_599)), "59\u{a0}min");
        assert_eq!(Lang::En.age(then, after(86_400)), "24\u{a0}h");
        assert_eq!(Lang::Fr.age(then, after(3 * 86_400)), "3\u{a0}jours");
        assert_eq!(Lang::Fr.age(after(10), then), "0\u{a0}s");
    }

    #[test]
    fn a_term_nobody_listed_is_shown_as_it_is() {
        assert_eq!(Lang::Fr.term("green"), "Vert");
        assert_eq!(Lang::Fr.term("purple"), "purple");
        assert_eq!(Lang::Fr.country("CD"), "République démocratique du Congo");
    }
}
