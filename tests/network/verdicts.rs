//! Verdicts: what the hub finds on a state's records comes back to it.

use anyhow::{Context as _, Result, ensure};
use rmd_demo::wait::until;
use serde_json::Value;

use crate::harness::{Make, World, now_us};

/// Nodes of the demonstration, in their order.
const COD: usize = 0;
const UGA: usize = 2;

/// The day of a hub whose rules are older than those of its nodes: what happened
/// after it has not happened yet, and is refused.
const EARLIER: (&str, &str) = ("RMD_HUB_CLOCK__AS_OF", "2017-12-01");

/// A site that nobody has released, as COD's mapping names it once it does.
const SITE: &str = "CD-1.5057+28.5905-99099";

// Goal: a record that the hub refuses is told to its ministry, which reads it while
// no hub runs, corrects the row, and is told that it is settled. Method: a hub whose
// day is before a visit; then the visit gets an earlier date.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_record_is_told_offline_answered_and_cleared() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    restart_hub_at(&mut world, Some(EARLIER))?;
    let site = visit(&world, "demo00001", 9001, "2017-12-20").await?;
    let told = verdict(&mut world, COD, &site, |verdict| verdict["severity"] == "refuse").await?;
    let finding = &told["findings"][0];
    ensure!(finding["path"].as_str().is_some_and(|path| path.starts_with("inspection")), "{told}");
    ensure!(finding["en"].as_str().is_some_and(|en| en.contains("2017-12-20")), "{told}");
    ensure!(finding["fr"] != finding["en"], "{told}");
    let rev = told["rev"].as_u64().context("read the revision")?;
    let status = world.network.hub_command(&["status"])?;
    ensure!(status["nodes"][COD]["verdicts"]["standing"]["refuse"] == 1, "{status}");

    // No hub, and the ministry reads and corrects all the same.
    world.network.hub.kill()?;
    let node = &world.network.nodes[COD];
    let rule = finding["rule"].as_str().context("read the rule")?;
    let listed = world.network.node_command(node, &["verdicts", "list", "--rule", rule])?;
    ensure!(listed["verdicts"].as_array().is_some_and(|all| all.len() == 1), "{listed}");
    visit(&world, "demo00001", 9001, "2017-11-20").await?;
    let answered = |verdict: &Value| verdict["state"] == "answered";
    let answer = verdict(&mut world, COD, &site, answered).await?;
    ensure!(answer["by_rev"] == rev + 1, "{answer}");

    restart_hub_at(&mut world, Some(EARLIER))?;
    // What the record lacks is told still; that it is refused is not.
    verdict(&mut world, COD, &site, |verdict| verdict["severity"] == "incomplete").await?;
    assert_eq!(world.differences().await?, Vec::<String>::new());
    world.verify_stores()
}

// Goal: what older rules refused is applied after an upgrade, once, and its verdict
// goes. Method: a hub on an earlier day, then the same hub on the right one.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_hub_refused_is_reapplied_after_its_upgrade() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    restart_hub_at(&mut world, Some(EARLIER))?;
    let site = visit(&world, "demo00002", 9002, "2017-12-21").await?;
    verdict(&mut world, COD, &site, |verdict| verdict["severity"] == "refuse").await?;
    let applied = |world: &World, arguments: &[&str]| -> Result<[u64; 3]> {
        let result = world.network.hub_command(arguments)?;
        let count = |name: &str| result[name].as_u64().with_context(|| result.to_string());
        Ok([count("looked_at")?, count("applied")?, count("refused")?])
    };
    restart_hub_at(&mut world, None)?;
    assert_eq!(applied(&world, &["reapply", "--node", "COD/cod-mines", "--dry-run"])?, [1, 1, 0]);
    let standing = world.network.hub_command(&["quarantine", "list"])?;
    ensure!(standing["records"].as_array().is_some_and(|rows| rows.len() == 1), "{standing}");
    assert_eq!(applied(&world, &["reapply", "--node", "UGA/uga-mines"])?, [0, 0, 0]);
    // Beside the running hub, and only once.
    assert_eq!(applied(&world, &["reapply"])?, [1, 1, 0]);
    assert_eq!(applied(&world, &["reapply"])?, [0, 0, 0]);
    verdict(&mut world, COD, &site, |verdict| verdict["severity"] == "incomplete").await?;
    assert_eq!(world.differences().await?, Vec::<String>::new());
    world.verify_stores()
}

// Goal: a record whose reference is absent is shown and parked, its ministry is told,
// and another ministry's node releases it. Method: a lot of UGA from a site of COD
// that comes later.
#[tokio::test(flavor = "multi_thread")]
async fn a_lot_before_its_site_is_shown_parked_told_and_released_by_another_node() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    let parked = parked(&world, SITE)?;
    ensure!(parked.is_empty(), "{parked:?}");
    let begun = now_us();
    // A lot like another one, from a site that is not there.
    world.states[UGA]
        .execute(&format!(
            "CREATE TEMPORARY TABLE one AS SELECT * FROM lot_register ORDER BY lot_ref LIMIT 1;
             UPDATE one SET lot_ref = 'UG-EARLY', site_rmd_id = '{SITE}';
             INSERT INTO lot_register SELECT * FROM one;"
        ))
        .await?;
    world.exchange_since(begun).await?;
    let waits = |parked: Vec<Value>| (parked.len() == 1).then_some(parked);
    let waiting = until("the lot is parked", || Ok(waits(self::parked(&world, SITE)?))).await?;
    ensure!(waiting[0]["node_id"] == "UGA/uga-mines" && waiting[0]["path"] == "mine_site_id");
    let key = waiting[0]["record_key"].as_str().context("read the key")?.to_owned();
    // In the regional view it is like all others.
    assert_eq!(world.differences().await?, Vec::<String>::new());
    let waits_for_site = |verdict: &Value| rules(verdict).contains(&"HUB-REFERENCE".to_owned());
    verdict(&mut world, UGA, &key, waits_for_site).await?;

    let site = visit(&world, "demo99099", 9003, "2017-11-20").await?;
    assert_eq!(site, "CD-1.5057-28.5905-99099");
    let gone = |parked: Vec<Value>| parked.is_empty().then_some(());
    until("the lot is released", || Ok(gone(self::parked(&world, SITE)?))).await?;
    let node = &world.network.nodes[UGA];
    until("the verdict is cleared", || {
        let list = ["verdicts", "list", "--rule", "HUB-REFERENCE", "--limit", "1000"];
        let listed = world.network.node_command(node, &list)?;
        let of_lot = |verdict: &Value| verdict["record_key"] == key.as_str();
        let verdicts = listed["verdicts"].as_array().context("read the verdicts")?;
        Ok((!verdicts.iter().any(of_lot)).then_some(()))
    })
    .await?;
    world.verify_stores()
}

/// What the hub has parked because of a reference.
fn parked(world: &World, value: &str) -> Result<Vec<Value>> {
    let listed = world.network.hub_command(&["parked", "list", "--limit", "1000"])?;
    let references = listed["references"].as_array().context("read what is parked")?;
    Ok(references.iter().filter(|one| one["value"] == value).cloned().collect())
}

fn rules(verdict: &Value) -> Vec<String> {
    let findings = verdict["findings"].as_array().into_iter().flatten();
    findings.filter_map(|finding| finding["rule"].as_str().map(str::to_owned)).collect()
}

/// Waits until a node's verdict about a record is so.
async fn verdict(
    world: &mut World,
    node: usize,
    key: &str,
    is_so: impl Fn(&Value) -> bool,
) -> Result<Value> {
    let network = &world.network;
    until(&format!("the verdict about {key} is at its node"), || {
        let listed = network.node_command(&network.nodes[node], &["verdicts", "list"])?;
        let verdicts = listed["verdicts"].as_array().context("read the verdicts")?;
        let of_key = verdicts.iter().find(|verdict| verdict["record_key"] == key);
        Ok(of_key.filter(|verdict| is_so(verdict)).cloned())
    })
    .await
}

/// The hub again, on its own day or on another.
fn restart_hub_at(world: &mut World, day: Option<(&'static str, &str)>) -> Result<()> {
    world.network.hub.kill()?;
    let variables = &mut world.network.options.variables;
    variables.retain(|(name, _)| *name != EARLIER.0);
    variables.extend(day.map(|(name, day)| (name, day.to_owned())));
    world.network.restart_hub()
}

/// Writes a visit of a site of COD in the place of the one with that number; the
/// key of the site's record.
async fn visit(world: &World, code: &str, number: u32, day: &str) -> Result<String> {
    let like = if code == "demo99099" { "demo00001" } else { code };
    world.states[COD]
        .execute(&format!(
            "DELETE FROM visites WHERE vid = {number};
             CREATE TEMPORARY TABLE one AS
                 SELECT * FROM visites WHERE pcode = '{like}' ORDER BY visit_date DESC LIMIT 1;
             UPDATE one SET vid = {number}, id = '{number}', pcode = '{code}', visit_date = '{day}',
                 modifie_le = strftime('%Y-%m-%d %H:%M:%S', 'now', '+2 hours');
             INSERT INTO visites SELECT * FROM one;"
        ))
        .await?;
    let place = match code {
        "demo00002" => "CD-2.0094-28.4435",
        _ => "CD-1.5057-28.5905",
    };
    Ok(format!("{place}-{}", code.trim_start_matches("demo").trim_start_matches('0')))
}
