//! Every example does what its `expected.toml` says.

use anyhow::{Context as _, Result};
use sqlx::{Connection as _, MySqlConnection};

use crate::{
    compare::differences,
    example::{Engine, Example},
    expected::{Expected, Refusing},
    outcome::Outcome,
    tell::table,
};

const CADASTRE: Example = Example { name: "cadastre", country: "COD", engine: Engine::MariaDb };
const TANZANIA: Example = Example { name: "tanzania", country: "TZA", engine: Engine::Postgres };
const REGISTRY: Example = Example { name: "registry", country: "RWA", engine: Engine::Postgres };
pub(crate) const IPIS: Example = Example { name: "ipis", country: "COD", engine: Engine::Sqlite };

#[tokio::test(flavor = "multi_thread")]
async fn the_old_cadastre_gives_what_its_table_says() -> Result<()> {
    let running = CADASTRE.run().await?;
    let outcome = Outcome::ask(&running.network, running.node())?;
    // What the example is about: accents in one byte, and one that was two bytes once.
    let mut source = MySqlConnection::connect(&running.node().state.url).await?;
    let stored: Vec<String> = sqlx::query_scalar(
        "SELECT HEX(SUBSTRING(SUBSTANCES, 6, 2)) FROM T_CARRE_MINIER \
         WHERE NUM_CARRE IN ('CAMI/0101', 'CAMI/0108') ORDER BY NUM_CARRE",
    )
    .fetch_all(&mut source)
    .await?;
    assert_eq!(stored, ["74E9", "74C3"]);
    println!("{}\n", compared(CADASTRE, &outcome)?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_flat_pilot_gives_what_its_table_says() -> Result<()> {
    println!("{}\n", told(TANZANIA).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_gives_what_its_table_says() -> Result<()> {
    println!("{}\n", told(REGISTRY).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_imported_visits_give_what_their_table_says() -> Result<()> {
    println!("{}\n", told(IPIS).await?);
    Ok(())
}

async fn told(example: Example) -> Result<String> {
    let running = example.run().await?;
    compared(example, &Outcome::ask(&running.network, running.node())?)
}

/// The table of an example that does what it should.
fn compared(example: Example, outcome: &Outcome) -> Result<String> {
    let expected = Expected::load(&example.folder())?;
    let found = differences(&expected, outcome);
    assert!(found.is_empty(), "{} does otherwise:\n{}", example.name, found.join("\n"));
    every_other_expectation_fails(&expected, outcome)?;
    Ok(table(example.name, &format!("{:?}", example.engine), &expected, outcome))
}

/// One expectation changed.
type Change<'a> = &'a dyn Fn(&mut Expected);

/// A comparison that finds nothing is worth something only if it can find: each kind
/// of expectation, changed in one place, is told.
fn every_other_expectation_fails(expected: &Expected, outcome: &Outcome) -> Result<()> {
    let (accepted, _) = expected.accepted.iter().next().context("find an accepted row")?;
    let (refused, _) = expected.refused.iter().next().context("find a refused row")?;
    let with_field = expected.accepted.iter().find(|row| !row.1.fields.is_empty());
    let (with_field, _) = with_field.context("find an accepted row with a field")?;
    let row = |changed: &mut Expected, change: fn(&mut crate::expected::Accepted)| {
        change(changed.accepted.get_mut(accepted).expect("it was found"));
    };
    let changes: [(&str, Change<'_>); 8] = [
        ("an accepted row less", &|changed| drop(changed.accepted.remove(accepted))),
        ("a refused row less", &|changed| drop(changed.refused.remove(refused))),
        ("another key", &|changed| row(changed, |row| row.key.push('x'))),
        ("one thing more lacking", &|changed| {
            row(changed, |row| {
                row.incomplete.insert("MD00-NONE x".to_owned());
            });
        }),
        ("void", &|changed| {
            row(changed, |row| row.annulled_on = Some("2017-01-31".to_owned()));
        }),
        ("another withheld", &|changed| {
            row(changed, |row| row.withheld = Some(["nothing".to_owned()].into()));
        }),
        ("another field", &|changed| {
            let row = changed.accepted.get_mut(with_field).expect("it was found");
            row.fields.values_mut().for_each(|value| *value = serde_json::json!({"no": 1}));
        }),
        ("another finding", &|changed| {
            let findings = changed.refused.get_mut(refused).expect("it was found");
            let more = Refusing {
                rule: "MD00-NONE".to_owned(),
                path: "x".to_owned(),
                value: String::new(),
            };
            findings.insert(more);
        }),
    ];
    for (what, change) in changes {
        let mut other = expected.clone();
        change(&mut other);
        assert!(!differences(&other, outcome).is_empty(), "{what} is no difference");
    }
    Ok(())
}
