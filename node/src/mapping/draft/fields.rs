//! Which column is which field: by its name, and by whether its values fit.

use rmd_standard::{Entity, Shape, column, country::is_country, site_id::SiteId};

use super::choose::{Join, Link, Record, link};
use super::lexicon::{PARTY, Phrases, SITE_OF, fields_of, meaning_of, parties_of};
use super::looks::{Looks, Profile};
use super::names::best_fit;
use super::study::{Column, Studied};
use crate::mapping::normalisers::folded;

/// The least fit of a name, and the one at which it is certain.
const FIT_MIN: u32 = 56;
const FIT_CERTAIN: u32 = 78;

/// Days of a spreadsheet between 1954 and 2064.
const SERIAL: (f64, f64) = (20_000.0, 60_000.0);

/// A column that may be a field.
#[derive(Debug, Clone)]
pub(super) struct Guess {
    /// Name of its table in the query.
    pub(super) from: String,
    /// Place of its table.
    pub(super) table: Option<usize>,
    pub(super) column: String,
    pub(super) alias: String,
    pub(super) shape: Shape,
    /// Whether its values stay in the state.
    pub(super) is_national: bool,
    pub(super) is_certain: bool,
    /// Why it is not certain, for the comment.
    pub(super) reason: String,
    /// What `[record.normalise]` says of it.
    pub(super) normalise: Vec<Step>,
    /// The unit or currency that its name says.
    pub(super) said_unit: Option<&'static str>,
}

/// A normaliser that the samples ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Named(&'static str),
    Date(&'static str),
    Empty(Vec<String>),
    Phone,
}

/// The columns of a table that may be these fields, each column and each field
/// at most once. `prefix` stands before each alias.
pub(super) fn matches(
    table: &Studied,
    phrases: Phrases,
    (entity, list, prefix): (Entity, Option<&str>, &str),
    taken: &[String],
) -> Vec<Guess> {
    let mut found: Vec<(bool, u32, u32, usize, usize, Guess)> = Vec::new();
    for (place, candidate) in table.columns.iter().enumerate() {
        if taken.contains(&candidate.name) {
            continue;
        }
        for (order, (alias, words)) in phrases.iter().enumerate() {
            let fit = fit_of(table, candidate, words);
            if fit < FIT_MIN {
                continue;
            }
            if let Some(guess) = guess(candidate, &format!("{prefix}{alias}"), (entity, list), fit)
            {
                let whole = best_fit(&candidate.words, words);
                found.push((guess.is_certain, fit, whole, order, place, guess));
            }
        }
    }
    // Of two names that fit alike, the one that fits without leaving out the table's
    // own words: `national_id` before `mine_site_id`.
    found.sort_by(|a, b| (b.0, b.1, b.2, a.3, a.4).cmp(&(a.0, a.1, a.2, b.3, b.4)));
    let mut guesses: Vec<Guess> = Vec::new();
    for (.., guess) in found {
        let is_known = |known: &Guess| known.alias == guess.alias || known.column == guess.column;
        if !guesses.iter().any(is_known) {
            guesses.push(guess);
        }
    }
    guesses
}

/// A column of a table is often called after it: `site_nom` in `sites` is `nom`.
fn fit_of(table: &Studied, column: &Column, phrases: &str) -> u32 {
    let bare: Vec<String> =
        column.words.iter().filter(|word| !table.words.contains(word)).cloned().collect();
    let whole = best_fit(&column.words, phrases);
    if bare.is_empty() { whole } else { whole.max(best_fit(&bare, phrases)) }
}

fn guess(
    found: &Column,
    alias: &str,
    (entity, list): (Entity, Option<&str>),
    fit: u32,
) -> Option<Guess> {
    let mut alias = alias.to_owned();
    // A day alone is no instant; the standard has a column for the day.
    let is_day = matches!(found.profile.looks, Looks::Day | Looks::OtherDay(..));
    if alias == "registered_at" && is_day {
        "date_registration".clone_into(&mut alias);
    }
    let target = column(entity, list, &alias)?;
    let shape = target.shape();
    let fits = match alias.as_str() {
        "icglr_id" => as_site_id(found)?,
        _ => fits(shape, found),
    };
    let reason = match &fits {
        Err(reason) => (*reason).to_owned(),
        Ok(_) if fit < FIT_CERTAIN => "only part of the name fits".to_owned(),
        Ok(_) => String::new(),
    };
    let mut normalise = clean(&found.profile, shape);
    normalise.extend(fits.unwrap_or_default());
    Some(Guess {
        from: "t".to_owned(),
        table: None,
        column: found.name.clone(),
        alias,
        shape,
        is_national: target.is_national(),
        is_certain: reason.is_empty(),
        reason,
        normalise,
        said_unit: said_unit(found, shape),
    })
}

/// Whether the values are ids as the states issue them; none if neither they nor the
/// name say so: any number of a site is called an id.
fn as_site_id(column: &Column) -> Option<Result<Option<Step>, &'static str>> {
    let is_named = column.words.iter().any(|word| word == "icglr" || word == "cirgl");
    let is_id = |value: &String| SiteId::parse(value).is_some();
    if !column.samples.is_empty() && column.samples.iter().all(is_id) {
        return Some(Ok(None));
    }
    is_named.then_some(Err("values are not of the standard's form"))
}

/// What the values need before they are read; an error if they do not fit.
fn fits(shape: Shape, column: &Column) -> Result<Option<Step>, &'static str> {
    let profile = &column.profile;
    let comma = || Ok(Some(Step::Named("decimal_comma")));
    if profile.looks == Looks::Nothing {
        return Err("no value to judge by");
    }
    match (shape, &profile.looks) {
        (Shape::Degrees(most), Looks::Whole | Looks::Decimal | Looks::Comma) => {
            let most = f64::from(most);
            match profile.range {
                Some((low, high)) if low < -most || high > most => Err("values are beyond degrees"),
                _ if profile.looks == Looks::Comma => comma(),
                _ => Ok(None),
            }
        }
        (Shape::Degrees(_), Looks::Degrees) => Ok(Some(Step::Named("degrees_minutes_seconds"))),
        (Shape::Date | Shape::Instant, Looks::OtherDay(format, _)) => Ok(Some(Step::Date(format))),
        // Of a mineral: HS codes have points, as 2609.00.00.
        (Shape::Date, Looks::Day | Looks::Moment)
        | (Shape::Instant, Looks::Moment)
        | (Shape::Time, Looks::Time)
        | (Shape::Month, Looks::Month)
        | (Shape::Email, Looks::Email)
        | (Shape::Mineral, Looks::Comma | Looks::Decimal)
        | (Shape::Mass | Shape::Money | Shape::Number, Looks::Whole | Looks::Decimal)
        | (Shape::Text, Looks::Text | Looks::Whole | Looks::Phone | Looks::Decimal) => Ok(None),
        (Shape::Date, Looks::Whole | Looks::Decimal)
            if profile.range.is_some_and(|range| range.0 >= SERIAL.0 && range.1 <= SERIAL.1) =>
        {
            Ok(Some(Step::Named("excel_serial_date")))
        }
        (Shape::Mass | Shape::Money | Shape::Number, Looks::Comma) => comma(),
        (Shape::Mass, Looks::MassWithUnit) => Ok(Some(Step::Named("mass_with_unit"))),
        (Shape::Phone, Looks::Phone) => Ok(Some(Step::Phone)),
        (Shape::Country, _) if !column.samples.iter().all(|value| says_country(value)) => {
            Err("values are no countries")
        }
        (Shape::Code(_) | Shape::Mineral | Shape::Country, Looks::Text | Looks::Whole) => {
            if profile.distinct > 50 { Err("more than 50 different values") } else { Ok(None) }
        }
        (Shape::Currency, Looks::Text) if profile.values.iter().all(|value| value.len() == 3) => {
            Ok(None)
        }
        (Shape::Formed, _) => Err("the standard has a form of its own for it"),
        _ => Err("values do not fit"),
    }
}

fn says_country(value: &str) -> bool {
    is_country(value.trim()) || meaning_of("country", &folded(value.trim())).is_some()
}

/// What every text needs that holds such things.
fn clean(profile: &Profile, shape: Shape) -> Vec<Step> {
    let mut steps = Vec::new();
    if profile.is_misread {
        steps.push(Step::Named("legacy_encoding"));
    }
    if profile.has_entities {
        steps.push(Step::Named("html_entities"));
    }
    let is_word = matches!(shape, Shape::Code(_) | Shape::Mineral | Shape::Country);
    if !profile.void.is_empty() && !is_word {
        steps.push(Step::Empty(profile.void.clone()));
    }
    steps
}

/// A unit or a currency in a column's name: `poids_kg`, `valeur_usd`.
fn said_unit(column: &Column, shape: Shape) -> Option<&'static str> {
    let name = column.name.to_lowercase();
    let says = |word: &str| name.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
    match shape {
        Shape::Mass => [
            ("kg", "KGM"),
            ("kgs", "KGM"),
            ("t", "TNE"),
            ("tonnes", "TNE"),
            ("tonne", "TNE"),
            ("g", "GRM"),
            ("tonnage", "TNE"),
        ]
        .iter()
        .find(|unit| says(unit.0))
        .map(|unit| unit.1),
        Shape::Money => ["usd", "cdf", "rwf", "ugx", "bif", "tzs"]
            .iter()
            .zip(["USD", "CDF", "RWF", "UGX", "BIF", "TZS"])
            .find(|currency| says(currency.0))
            .map(|currency| currency.1),
        _ => None,
    }
}

/// Finds the columns of a record, those of the tables that it refers to included.
pub(super) fn fill(record: &mut Record, tables: &[Studied]) {
    let main = &tables[record.table];
    let entity = record.entity;
    let mut taken: Vec<String> = Vec::new();
    for (role, phrases) in parties_of(entity, None) {
        let place = main.columns.iter().position(|column| {
            !taken.contains(&column.name) && fit_of(main, column, phrases) >= FIT_MIN
        });
        let Some((table, link)) = place.and_then(|place| referred(tables, main, place, true))
        else {
            continue;
        };
        let taken_by = link.column.clone();
        let alias = join(record, table, link);
        let prefix = format!("{role}.");
        let guesses = matches(&tables[table], PARTY, (entity, None, &prefix), &[]);
        add(record, table, &alias, guesses);
        taken.push(taken_by);
    }
    if entity == Entity::Lot {
        taken.extend(site_of(record, tables));
    }
    taken.extend(looked_up(record, tables, &taken));
    let direct = matches(main, fields_of(entity), (entity, None, ""), &taken);
    let (table, known) = (record.table, record.guesses.clone());
    let direct = direct
        .into_iter()
        .filter(|guess| !known.iter().any(|other| other.alias == guess.alias))
        .map(|guess| Guess { table: Some(table), ..guess });
    record.guesses.extend(direct);
    for guess in record.children.iter_mut().flat_map(|child| &mut child.guesses) {
        "c".clone_into(&mut guess.from);
    }
}

/// The table that a column refers to; `party`: only one of persons or firms.
fn referred(
    tables: &[Studied],
    main: &Studied,
    column: usize,
    party: bool,
) -> Option<(usize, Link)> {
    let name = &main.columns[column].name;
    let key = main.table.foreign_keys.iter().find(|key| key.column == *name)?;
    let place = tables.iter().position(|table| table.table.name == key.table)?;
    let table = &tables[place];
    if party && !table.is_party() {
        return None;
    }
    let target = match key.target.as_str() {
        "" => table.table.primary_key.first().cloned()?,
        target => target.to_owned(),
    };
    // Anything else would multiply rows.
    table
        .table
        .is_unique(&target)
        .then(|| (place, Link { column: name.clone(), target, is_declared: true }))
}

fn join(record: &mut Record, table: usize, link: Link) -> String {
    let alias = format!("j{}", record.joins.len() + 1);
    record.joins.push(Join { alias: alias.clone(), table, link });
    alias
}

fn add(record: &mut Record, table: usize, alias: &str, guesses: Vec<Guess>) {
    let known: Vec<String> = record.guesses.iter().map(|guess| guess.alias.clone()).collect();
    let fresh = guesses.into_iter().filter(|guess| !known.contains(&guess.alias));
    record.guesses.extend(fresh.map(|guess| Guess {
        from: alias.to_owned(),
        table: Some(table),
        ..guess
    }));
}

/// The site of a lot, where the database says which table that is.
fn site_of(record: &mut Record, tables: &[Studied]) -> Option<String> {
    let main = &tables[record.table];
    let sites = super::lexicon::tables_of(Entity::MineSite);
    let (table, link) = tables
        .iter()
        .enumerate()
        .filter(|(place, table)| *place != record.table && best_fit(&table.words, sites) >= FIT_MIN)
        .find_map(|(place, table)| {
            let link = link(main, table, Entity::MineSite).filter(|link| link.is_declared)?;
            table.table.is_unique(&link.target).then_some((place, link))
        })?;
    let column = link.column.clone();
    let alias = join(record, table, link);
    let guesses = matches(&tables[table], SITE_OF, (record.entity, None, ""), &[]);
    add(record, table, &alias, guesses);
    Some(column)
}

/// Columns that number a word of another table: the word is the value.
fn looked_up(record: &mut Record, tables: &[Studied], taken: &[String]) -> Vec<String> {
    let main = &tables[record.table];
    let mut found = Vec::new();
    for (place, column) in main.columns.iter().enumerate() {
        if taken.contains(&column.name) {
            continue;
        }
        let Some((table, link)) = referred(tables, main, place, false) else { continue };
        let words = &tables[table];
        if words.columns.len() > 6 || words.table.rows.number() > 2_000 || words.is_party() {
            continue;
        }
        let labels = "libelle|nom|name|label|designation|intitule|description";
        let label = words.columns.iter().find(|column| best_fit(&column.words, labels) >= FIT_MIN);
        let Some(label) = label else { continue };
        let phrases = fields_of(record.entity);
        let fitting = phrases.iter().max_by_key(|(_, phrases)| fit_of(main, column, phrases));
        let Some((alias, _)) = fitting.filter(|(_, p)| {
            // `statut_id` says no more than `statut`.
            let bare: Vec<String> =
                column.words.iter().filter(|word| *word != "id").cloned().collect();
            best_fit(&bare, p).max(fit_of(main, column, p)) >= FIT_MIN
        }) else {
            continue;
        };
        let guess = guess(label, alias, (record.entity, None), FIT_CERTAIN);
        let Some(guess) = guess else { continue };
        found.push(column.name.clone());
        let alias = join(record, table, link);
        add(record, table, &alias, vec![guess]);
    }
    found
}
