//! Where no network reaches: files carry everything, both ways.

mod cases;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use rmd_demo::{
    changes, exchange,
    network::{Addresses, Network, Node, Options},
    servers::free_port,
    states::{self, State},
};
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{AS_OF, binaries, now_us};

/// So many sites that their feed has blocks enough for several parts.
const MANY_SITES: &str = "
    INSERT INTO visites (vid, pcode, name, visit_date, longitude, latitude, province, territoire,
        workers_numb, mineral1, mineral2, mineral3, qualification, source, project)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
    SELECT 100000 + i, printf('round%06d', i), 'Site ' || hex(randomblob(12)), '2016-05-01',
        27.5 + i * 0.0007, -2.0 - i * 0.0003, 'Maniema', 'Kailo', '10', 'Or', NULL, NULL, 'Vert',
        'Ministère des Mines', 'Rounds'
    FROM n";

/// A hub, and one node that it cannot reach.
struct Apart {
    network: Network,
    hub_url: String,
    /// Where the hub dials in vain.
    advertise: String,
    states: Vec<State>,
    folder: TempDir,
}

impl Apart {
    /// The node has read its source; the hub has nothing.
    async fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let states = states::create(folder.path(), None, None).await?[..1].to_vec();
        states[0].execute(MANY_SITES).await?;
        let loopback = || anyhow::Ok(format!("127.0.0.1:{}", free_port()?));
        let (listen, advertise) = (loopback()?, loopback()?);
        let addresses = vec![Addresses { listen, advertise: advertise.clone() }];
        let options = Options { as_of: AS_OF.to_owned(), addresses, ..Options::default() };
        let begun = now_us();
        let mut network = Network::start(folder.path(), binaries(), &states, options).await?;
        exchange::captured(&mut network, begun).await?;
        let hub_url = format!("sqlite://{}", folder.path().join("hub/hub.sqlite").display());
        Ok(Self { network, hub_url, advertise, states, folder })
    }

    fn node(&self) -> &Node {
        &self.network.nodes[0]
    }

    /// The files of an export of the node, in the order of their parts.
    fn export(&self, name: &str, more: &[&str]) -> Result<Vec<PathBuf>> {
        let out = self.folder.path().join(name);
        fs::create_dir_all(&out)?;
        let out = out.display().to_string();
        let arguments = [&["bundle", "export", "--out", &out], more].concat();
        files(&self.network.node_command(self.node(), &arguments)?)
    }

    /// The files of a return bundle of the hub.
    fn returned(&self, name: &str) -> Result<Vec<PathBuf>> {
        let out = self.folder.path().join(name);
        fs::create_dir_all(&out)?;
        let (out, id) = (out.display().to_string(), self.node().state.node_id());
        let arguments = ["bundle", "export", "--node", &id, "--out", &out];
        files(&self.network.hub_command(&arguments)?)
    }

    /// Exit code and JSON of an import at the hub.
    fn import(&self, files: &[PathBuf]) -> Result<(i32, Value)> {
        run(&self.network.binaries.hub, &self.network.hub_folder, files)
    }

    /// Exit code and JSON of an import at the node.
    fn take_back(&self, files: &[PathBuf]) -> Result<(i32, Value)> {
        run(&self.network.binaries.node, &self.node().folder, files)
    }

    /// The hub holds what the source holds, feed by feed what the node wrote, and
    /// can prove it.
    async fn assert_same(&self) -> Result<()> {
        let compared = exchange::compared(&self.network, &self.hub_url).await?;
        let differences = exchange::differences(&compared);
        ensure!(differences.is_empty(), "{differences:#?}");
        let rows: usize = compared.values().flat_map(|compared| compared.rows.values()).sum();
        ensure!(rows > 20, "only {rows} rows were compared");
        let owned = self.network.node_command(self.node(), &["status"])?;
        let hub = self.network.hub_command(&["status"])?;
        let followed = &hub["nodes"][0]["feeds"];
        for feed in owned["feeds"].as_array().context("read the feeds of the node")? {
            let name = &feed["feed"];
            let of = |feeds: &Value| {
                feeds.as_array()?.iter().find(|followed| followed["feed"] == *name).cloned()
            };
            // Of a feed that is empty no file tells the hub.
            if feed["size"] == 0 && of(followed).is_none() {
                continue;
            }
            let held = of(followed).with_context(|| format!("find {name} at the hub"))?;
            ensure!(held["cursor"] == feed["size"], "{held} is not all of {feed}");
            ensure!(held["root"] == feed["root"], "{held} has another root than {feed}");
            // Every seq once.
            ensure!(held["entries"] == feed["size"], "{held} was applied more than once");
        }
        self.network.hub_command(&["ledger", "verify"])?;
        self.network.node_command(self.node(), &["journal", "verify"]).map(|_| ())
    }
}

fn files(exported: &Value) -> Result<Vec<PathBuf>> {
    let bundles = exported["bundles"].as_array().context("read what was exported")?;
    let files = bundles.iter().filter_map(|bundle| bundle["files"].as_array()).flatten();
    Ok(files.filter_map(|file| file.as_str().map(PathBuf::from)).collect())
}

/// Runs `bundle import`, which tells in its JSON what it also says with its code.
fn run(program: &Path, folder: &Path, files: &[PathBuf]) -> Result<(i32, Value)> {
    let mut command = Command::new(program);
    command.args(["bundle", "import", "--json", "--dir"]).arg(folder).args(files);
    let output = command.output()?;
    let code = output.status.code().context("end by a signal")?;
    let said = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    Ok((code, said))
}

fn outcomes(imported: &Value) -> Vec<&str> {
    let files = imported["files"].as_array().into_iter().flatten();
    files.filter_map(|file| file["outcome"].as_str()).collect()
}

// Goal: a ministry without a network loses nothing, and nothing is doubled when a
// network comes. Method: export in small parts; import without one of them, then all
// in the wrong order and twice, beside a running hub; a decision goes back; a change
// follows in a second bundle; then the node listens where the hub has been dialling.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_no_network_reaches_delivers_everything_once() -> Result<()> {
    let mut apart = Apart::new().await?;
    let parts = apart.export("first", &["--part-bytes", "4096"])?;
    ensure!(parts.len() > 2, "{parts:?} are too few parts for this test");

    missing_part_is_named(&apart, &parts)?;
    let mut pile: Vec<PathBuf> = parts.iter().rev().cloned().collect();
    pile.extend(parts.clone());
    let (code, imported) = apart.import(&pile)?;
    ensure!(code == 0, "{imported:#}");
    apart.assert_same().await?;
    let (code, again) = apart.import(&parts)?;
    ensure!(code == 0 && outcomes(&again).iter().all(|word| *word == "known"), "{again:#}");

    decision_goes_back(&apart)?;
    let begun = now_us();
    changes::second_exchange(&apart.states).await?;
    exchange::captured(&mut apart.network, begun).await?;
    // What the return bundle acknowledged is not carried again.
    let second = apart.export("second", &[])?;
    ensure!(second.len() == 1, "{second:?}");
    let (code, imported) = apart.import(&second)?;
    ensure!(code == 0 && outcomes(&imported) == ["applied"], "{imported:#}");
    let feed = &imported["feeds"][0];
    ensure!(feed["cursor"].as_u64() == feed["from"].as_u64().map(|from| from + 1), "{feed}");
    apart.assert_same().await?;

    the_network_comes(&mut apart).await?;
    // An old file after newer data.
    let (code, old) = apart.import(&parts)?;
    ensure!(code == 0 && outcomes(&old).iter().all(|word| *word == "known"), "{old:#}");
    apart.assert_same().await
}

/// All parts but one: what lies before it is applied, what lies behind it waits.
fn missing_part_is_named(apart: &Apart, parts: &[PathBuf]) -> Result<()> {
    let without: Vec<PathBuf> =
        parts.iter().enumerate().filter(|(at, _)| *at != 1).map(|(_, file)| file.clone()).collect();
    let (code, imported) = apart.import(&without)?;
    ensure!(code == 65, "{code}: {imported:#}");
    let words = outcomes(&imported);
    ensure!(words[0] == "applied" && words[1] == "waiting", "{imported:#}");
    let named = imported.to_string();
    ensure!(named.contains("part 2 of ") && named.contains("is missing: seq "), "{named}");
    ensure!(named.contains("la partie 2 de "), "{named}");
    Ok(())
}

/// A decision of the Secretariat reaches the ministry in a return bundle.
fn decision_goes_back(apart: &Apart) -> Result<()> {
    let document = apart.folder.path().join("decision.txt");
    fs::write(&document, "Suspended.\n")?;
    let document = document.display().to_string();
    let site = apart.network.hub_command(&["bundle", "key"])?;
    ensure!(site["recipient"].as_str().is_some_and(|key| key.starts_with("age1")), "{site}");
    let site = some_site(apart)?;
    let decision =
        ["site", "set-status", &site, "red", "--by", "Officer", "--reason", "Test", "--document"];
    apart.network.hub_command(&[&decision[..], &[&document]].concat())?;
    let back = apart.returned("back")?;
    let (code, taken) = apart.take_back(&back)?;
    ensure!(code == 0 && outcomes(&taken).contains(&"applied"), "{taken:#}");
    ensure!(taken["acknowledged"].as_array().is_some_and(|told| told.len() == 2), "{taken:#}");
    let inbox = apart.network.node_command(apart.node(), &["inbox", "list"])?.to_string();
    ensure!(inbox.contains(&site) && inbox.contains("red"), "{inbox}");
    let (code, again) = apart.take_back(&back)?;
    ensure!(code == 0 && outcomes(&again).iter().all(|word| *word == "known"), "{again:#}");
    let audit = apart.network.node_command(apart.node(), &["audit"])?;
    let calls = audit["calls"].as_array().context("read the audit")?;
    ensure!(!calls.is_empty() && calls.iter().all(|call| call["call"] == "Bundle"), "{audit:#}");
    Ok(())
}

/// The identifier of a site of the state, as the regional view has it.
fn some_site(apart: &Apart) -> Result<String> {
    let status = Command::new("sqlite3")
        .arg(apart.network.hub_folder.join("hub.sqlite"))
        .arg("SELECT icglr_id FROM mine_site ORDER BY icglr_id LIMIT 1")
        .output()?;
    let id = String::from_utf8(status.stdout)?.trim().to_owned();
    ensure!(!id.is_empty(), "no site is in the regional view");
    Ok(id)
}

/// The node listens where the hub has been dialling all the time.
async fn the_network_comes(apart: &mut Apart) -> Result<()> {
    let listen = ("RMD_NODE_SERVE__LISTEN", apart.advertise.clone());
    apart.network.options.variables.push(listen);
    ensure!(apart.network.nodes[0].process.stop()?, "the node did not end well");
    apart.network.restart_node(0)?;
    let begun = now_us();
    changes::one_more(&apart.states, 0).await?;
    exchange::complete(&mut apart.network, begun).await?;
    exchange::bulletins_applied(&mut apart.network).await?;
    apart.assert_same().await
}

// Goal: nothing wrong gets in, and everything wrong is said. Method: one file of
// another network, of another node, altered and cut, and one for nobody here.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_file_changes_nothing_and_says_why() -> Result<()> {
    let (apart, foreign) = (Apart::new().await?, Apart::new().await?);
    let good = apart.export("good", &["--feed", "master-data"])?;
    let other = foreign.export("foreign", &["--feed", "master-data"])?;
    let bytes = fs::read(&good[0])?;
    let wrong = |name: &str, bytes: &[u8]| {
        let file = apart.folder.path().join(name);
        fs::write(&file, bytes).map(|()| file)
    };
    let altered = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let header = wrong("header.age", &altered(40))?;
    let payload = wrong("payload.age", &altered(bytes.len() / 2))?;
    let end = wrong("end.age", &altered(bytes.len() - 1))?;
    let cut = wrong("cut.age", &bytes[..bytes.len() - 100])?;
    for (file, words) in [
        (&other[0], "another receiver"),
        (&header, "header was altered"),
        (&payload, "altered or cut off"),
        (&end, "altered or cut off"),
        (&cut, "altered or cut off"),
    ] {
        let (code, said) = apart.import(std::slice::from_ref(file))?;
        ensure!(code == 65 && outcomes(&said) == ["refused"], "{code}: {said:#}");
        let error = said["files"][0]["error"].as_str().unwrap_or_default();
        ensure!(error.contains(words) && error.lines().count() == 2, "{error}");
    }
    // Encrypted to this hub by a node of the other network, which has a key of its own.
    let key = apart.network.hub_command(&["bundle", "key"])?;
    let key = key["recipient"].as_str().context("read the key of the hub")?;
    let other =
        foreign.export("stray", &["--feed", "master-data", "--to", key, "--replace-recipient"])?;
    let (code, said) = apart.import(&other)?;
    ensure!(code == 65 && outcomes(&said) == ["refused"], "{said:#}");
    // A return bundle is for one node alone.
    let (code, said) = foreign.take_back(&apart.returned("back")?)?;
    ensure!(code == 65 && outcomes(&said) == ["refused"], "{said:#}");
    let hub = apart.network.hub_command(&["status"])?;
    let feeds = hub["nodes"][0]["feeds"].as_array().context("read the feeds at the hub")?;
    ensure!(feeds.iter().all(|feed| feed["cursor"] == 0), "{feeds:#?}");
    // The good file is as good as ever.
    let (code, said) = apart.import(&good)?;
    ensure!(code == 0 && outcomes(&said).iter().all(|word| *word == "applied"), "{said:#}");
    Ok(())
}
