//! Names of tables and columns as words that can be compared.
//!
//! Owns the cutting of a name into words, the spelling out of what French and
//! English databases abbreviate, and how well a name fits a phrase.

use crate::mapping::normalisers::folded;

/// What is abbreviated: the short form and the word.
const SHORT: [(&str, &str); 52] = [
    ("adr", "adresse"),
    ("alt", "altitude"),
    ("act", "activite"),
    ("cert", "certificat"),
    ("certif", "certificat"),
    ("coord", "coordonnee"),
    ("creu", "creuseur"),
    ("dat", "date"),
    ("dates", "date"),
    ("ddn", "date naissance"),
    ("dt", "date"),
    ("dte", "date"),
    ("decl", "declaration"),
    ("denom", "denomination"),
    ("desc", "description"),
    ("dest", "destinataire"),
    ("eff", "effectif"),
    ("enr", "enregistrement"),
    ("enreg", "enregistrement"),
    ("exp", "exportateur"),
    ("expl", "exploitant"),
    ("grpt", "groupement"),
    ("ident", "identifiant"),
    ("insp", "inspection"),
    ("lib", "libelle"),
    ("lat", "latitude"),
    ("lon", "longitude"),
    ("lng", "longitude"),
    ("long", "longitude"),
    ("mnt", "montant"),
    ("mont", "montant"),
    ("min", "minerai"),
    ("mod", "modification"),
    ("nb", "nombre"),
    ("nbr", "nombre"),
    ("nbre", "nombre"),
    ("no", "numero"),
    ("num", "numero"),
    ("nr", "numero"),
    ("number", "numero"),
    ("op", "operation"),
    ("pds", "poids"),
    ("prov", "province"),
    ("qte", "quantite"),
    ("qty", "quantite"),
    ("qual", "qualification"),
    ("ref", "reference"),
    ("resp", "responsable"),
    ("stat", "statut"),
    ("subst", "substance"),
    ("tel", "telephone"),
    ("terr", "territoire"),
];

/// Words that say nothing.
const EMPTY: [&str; 19] = [
    "de", "du", "des", "d", "la", "le", "les", "l", "of", "the", "en", "et", "and", "tbl", "tb",
    "table", "t", "v", "fk",
];

/// The words of a name: cut at signs, digits and capitals, without accents and
/// plural, spelt out, without words that say nothing.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut cut = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            cut.push(' ');
        }
        cut.push(if c.is_alphabetic() { c } else { ' ' });
        before = c;
    }
    let mut words = Vec::new();
    for word in folded(&cut).split_whitespace() {
        let long = SHORT.iter().find(|short| short.0 == word).map_or(word, |short| short.1);
        words.extend(long.split(' ').map(singular));
    }
    let said: Vec<String> =
        words.iter().filter(|word| !EMPTY.contains(&word.as_str())).cloned().collect();
    if said.is_empty() { words } else { said }
}

/// A word without the s or x of its plural.
fn singular(word: &str) -> String {
    let is_short = word.chars().count() <= 3;
    let bare = word.strip_suffix("eaux").map(|stem| format!("{stem}eau"));
    let bare = bare.or_else(|| word.strip_suffix("raux").map(|stem| format!("{stem}ral")));
    match bare {
        _ if is_short || word.ends_with("ss") || word.ends_with("us") => word.to_owned(),
        Some(bare) => bare,
        None => word.strip_suffix(['s']).unwrap_or(word).to_owned(),
    }
}

/// How well words fit a phrase, of 100: all of it and nothing else is 100; a word
/// that the phrase does not have costs.
pub(super) fn fit(words: &[String], phrase: &str) -> u32 {
    let phrase: Vec<String> = phrase.split(' ').map(singular).collect();
    if !phrase.iter().all(|word| words.contains(word)) {
        return 0;
    }
    let beyond = words.len() - words.len().min(phrase.len());
    100_u32.saturating_sub(u32::try_from(beyond).unwrap_or(5).saturating_mul(22))
}

/// The best fit among phrases that stand apart with `|`.
pub(super) fn best_fit(words: &[String], phrases: &str) -> u32 {
    phrases.split('|').map(|phrase| fit(words, phrase)).max().unwrap_or(0)
}

/// Words of persons: a column with one of them is masked whatever it holds.
const PERSONS: &str = "telephone|phone|mobile|gsm|contact|courriel|email|mail|nif|tin|passeport|\
                       naissance|prenom|nom complet|nom famille|representant|gerant|agent|\
                       inspecteur|verificateur|validateur|signataire|chef|responsable|personne|\
                       postnom|whatsapp|adresse|address|proprietaire|owner|prix|price|salaire|\
                       mineur|creuseur nom|compte|iban|surname|firstname|lastname|fullname";

/// Whether a name is that of something about a person.
pub(super) fn is_personal(words: &[String]) -> bool {
    PERSONS.split('|').any(|phrase| phrase.split(' ').all(|word| words.iter().any(|w| w == word)))
}

/// Tables whose rows are persons or firms: there even a name is masked.
const PARTIES: &str = "entite|entreprise|societe|operateur|acteur|company|companie|exploitant|\
                       cooperative|negociant|comptoir|exportateur|importateur|titulaire|owner|\
                       party|partie|fournisseur|client|tiers|agent|personne|personnel|employe|\
                       utilisateur|user|inspecteur|trader|exporter|importer|firm|contact|creuseur";

/// Whether a name is that of a table of persons or firms.
pub(super) fn is_party(words: &[String]) -> bool {
    PARTIES.split('|').any(|party| words.iter().any(|word| word == party))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_and_spelt_out() {
        for (name, expected) in [
            ("DT_MAJ", "date maj"),
            ("dateModification", "date modification"),
            ("nb_creuseurs", "nombre creuseur"),
            ("tbl_sites_miniers", "site minier"),
            ("Coordonnées GPS (lat)", "coordonnee gps latitude"),
            ("minéraux", "mineral"),
            ("statut", "statut"),
            ("t", "t"),
        ] {
            assert_eq!(words(name).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn a_name_fits_a_phrase_better_the_less_it_says_beside_it() {
        assert_eq!(fit(&words("nom"), "nom"), 100);
        assert_eq!(fit(&words("nom_du_site"), "nom"), 78);
        assert_eq!(fit(&words("prenom"), "nom"), 0);
        assert_eq!(best_fit(&words("num_lot"), "numero lot|lot"), 100);
        assert!(is_personal(&words("tel_gerant")) && !is_personal(&words("teneur")));
    }
}
