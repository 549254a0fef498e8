//! Power cuts while records are posted: what was answered is kept, and published.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use rmd_demo::wait;
use serde_json::{Value, json};

use crate::{
    harness::{Make, World, now_us},
    rest::{Target, targets},
};

const ROUNDS: usize = 5;
/// Clients that post at the same time: the node writes many posts as one.
const CLIENTS: usize = 8;
/// A kill comes after so many answers, drawn, and a while, drawn.
const ANSWERS_MAX: usize = 60;
const DELAY_US_MAX: u64 = 20_000;
/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The whole kilograms of a lot that were sent last, and those that were answered last.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    sent: u32,
    answered: Option<u32>,
}

/// Every lot of the run.
#[derive(Debug, Default)]
struct Lots(Mutex<BTreeMap<String, Known>>);

impl Lots {
    fn change(&self, name: &str, change: impl FnOnce(&mut Known)) {
        let mut lots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(lots.entry(name.to_owned()).or_default());
    }

    fn all(&self) -> BTreeMap<String, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Goal: a node killed while lots are posted and replaced keeps every one that it
/// answered, and publishes it. Method: clients post without end until the kill; after
/// the restart each lot is read from the node, and then from the hub.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_killed_while_lots_are_posted_loses_none_that_it_answered() -> Result<()> {
    let given = std::env::var("RMD_POSTS_SEED").ok().and_then(|text| text.parse().ok());
    let seed: u64 = given.unwrap_or_else(rand::random);
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    // Most lots of the day are posted and replaced.
    let mut world = World::new(Make { unbraked: true, ..Make::default() }).await?;
    let [node, hub] = targets(&world)?;
    let lots = Lots::default();
    for round in 1..=ROUNDS {
        let begun = now_us();
        let answers = random.gen_range(1..=ANSWERS_MAX);
        let delay = Duration::from_micros(random.gen_range(0..DELAY_US_MAX));
        posts_until_killed(&mut world, &node, &lots, (round, answers, delay))?;
        world.network.restart_node(0)?;
        let address = node.address().to_owned();
        wait::until("the API listens", || Ok(TcpStream::connect(&address).ok())).await?;
        world.exchange_since(begun).await?;
        let found = agree(&node, &hub, &lots)
            .await
            .with_context(|| format!("seed {seed}, round {round}, {answers} answers, {delay:?}"))?;
        println!("round {round}: {answers} answers + {} µs: {found}", delay.as_micros());
    }
    world.verify_stores()
}

/// Clients post until the node is dead.
fn posts_until_killed(
    world: &mut World,
    node: &Target,
    lots: &Lots,
    (round, answers, delay): (usize, usize, Duration),
) -> Result<()> {
    let (answered, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let client = |client: usize| {
        let mut names = (0..).map(|number| format!("KILL-{round}-{client}-{number:05}"));
        let is_alive = |name: &String| client_posts(node, lots, name, &answered).is_some();
        names.all(|name| is_alive(&name) && !is_over.load(Ordering::SeqCst))
    };
    thread::scope(|scope| {
        for number in 0..CLIENTS {
            let client = &client;
            scope.spawn(move || client(number));
        }
        let begun = Instant::now();
        while answered.load(Ordering::SeqCst) < answers && begun.elapsed() < PATIENCE {
            thread::yield_now();
        }
        let met = Instant::now();
        while met.elapsed() < delay {
            std::hint::spin_loop();
        }
        let killed = world.network.nodes[0].process.kill();
        is_over.store(true, Ordering::SeqCst);
        killed
    })?;
    let count = answered.into_inner();
    ensure!(count >= answers, "only {count} of {answers} answers came");
    Ok(())
}

/// Posts a lot and replaces it; none once the node does not answer.
fn client_posts(node: &Target, lots: &Lots, name: &str, answered: &AtomicUsize) -> Option<()> {
    let one = format!("/lots/{name}?country=CD");
    for (method, path, mass, wanted) in [("POST", "/lots", 1, 201), ("PUT", &*one, 2, 200)] {
        lots.change(name, |known| known.sent = mass);
        let (status, body) = request(node, method, path, &lot(name, mass)).ok()?;
        assert_eq!(status, wanted, "{method} {name}: {body}");
        lots.change(name, |known| known.answered = Some(mass));
        answered.fetch_add(1, Ordering::SeqCst);
    }
    Some(())
}

/// Every lot is on the node as it was answered or sent last, and the hub has the same.
async fn agree(node: &Target, hub: &Target, lots: &Lots) -> Result<String> {
    let all = lots.all();
    let mut unanswered = 0;
    for (name, known) in &all {
        let kept = mass(node, name)?;
        let is_right = match known.answered {
            Some(answered) => kept.is_some_and(|kept| (answered..=known.sent).contains(&kept)),
            None => kept.is_none_or(|kept| kept == known.sent),
        };
        ensure!(is_right, "{name} is {kept:?} on the node, which answered {known:?}");
        unanswered += usize::from(kept.is_some() && known.answered != kept);
        wait::eventually(&format!("the hub has {name} as {kept:?}"), async || {
            Ok((mass(hub, name)? == kept).then_some(()))
        })
        .await?;
    }
    Ok(format!("{} lots, {unanswered} kept that nobody was told of", all.len()))
}

/// The kilograms of the one lot of that number; none if there is none.
fn mass(target: &Target, name: &str) -> Result<Option<u32>> {
    let (status, body) = request(target, "GET", &format!("/lots?lotNumber={name}"), "")?;
    ensure!(status == 200, "{status} {body}");
    let page: Value = serde_json::from_str(&body)?;
    let found = page["data"].as_array().context("read a page")?;
    ensure!(found.len() <= 1, "{name} is there {} times", found.len());
    let grams = found.first().map(|lot| lot["mass"].as_f64().context("read a mass")).transpose()?;
    Ok(grams.map(|mass| if mass > 1.5 { 2 } else { 1 }))
}

/// One request on a connection of its own, in the version of HTTP that knows no chunks.
fn request(target: &Target, method: &str, path: &str, body: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(target.address())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let (token, length) = (&target.token, body.len());
    let head = format!(
        "{method} /v1{path} HTTP/1.0\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("read an answer")?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let length: Option<usize> = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.parse().ok());
    ensure!(length == Some(body.len()), "the answer was cut");
    Ok((status.context("read a status")?, body.to_owned()))
}

fn lot(name: &str, mass: u32) -> String {
    let party = json!({
        "identifier": "CD-PARTY-1",
        "name": "Cooperative",
        "tin": "A1",
        "legalAddress": { "country": "CD", "addressLocalityText": "Avenue du Port 1" },
        "physicalAddress": { "country": "CD", "addressLocalityText": "Avenue du Port 1" },
        "contactDetails": {
            "legalRepresentative": "Representative",
            "contactPhoneNumber": "+243810000001",
            "contactEmail": "contact@example.cd"
        }
    });
    json!({
        "lotNumber": name,
        "dateRegistration": "2017-11-03",
        "timeRegistration": "081530",
        "creator": party,
        "mineral": "2609.00.00",
        "concentration": 61.25,
        "mass": mass,
        "packageType": "bag",
        "nrOfPackages": 12,
        "unitOfMeasurement": "KGM",
        "mineSiteId": "CD-+0.3319+28.7126-191",
        "creatorRole": [1],
        "recipient": party,
        "originatingOperation": [1],
        "tag": { "identifier": format!("T-{name}"), "issuer": party, "issueDate": "2017-10-30", "issueTime": "070000" },
        "taxPaid": [{ "taxType": "Redevance", "taxAmount": 85.5, "currency": "USD" }],
        "dateSealed": "2017-11-03",
        "dateShipped": "2017-11-06",
        "responsibleStaff": "Chef de site",
        "transportationMethod": "Camion",
        "transportationRoute": "Route nationale 2",
        "transportCompany": "Transporteur"
    })
    .to_string()
}
