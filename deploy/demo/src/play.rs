//! The demonstration from begin to end.

use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::{
    binaries::Binaries,
    changes,
    cli::Arguments,
    exchange,
    network::{Network, Options, Store},
    report::{Seconds, Snapshot, report},
    servers::{MariaDb, Postgres},
    states::{self, Servers, State},
    tell,
};

/// Where the demonstration lives while it runs.
struct Stage {
    folder: PathBuf,
    // Removes the folder at the end, unless the user named it.
    _temporary: Option<tempfile::TempDir>,
    // Dropped after the processes that use them.
    servers: Option<Servers>,
}

/// Times the steps and shows them on a terminal.
struct Steps {
    bar: ProgressBar,
    begun: Instant,
    seconds: Seconds,
}

/// Runs it. The exit code is 1 if anything differs or too little arrived.
pub async fn play(arguments: &Arguments) -> Result<ExitCode> {
    let mut steps = Steps::new();
    let binaries =
        steps.step("build", "Building node and hub", async { Binaries::build(&[]) }).await?;
    let stage = steps.step("servers", "Preparing databases", Stage::set(arguments)).await?;
    let states = steps
        .step("databases", "Filling three national databases", async {
            states::create(&stage.folder, arguments.ipis.as_deref(), stage.servers.as_ref()).await
        })
        .await?;
    let store = stage.hub_store(arguments).await?;
    let hub_url = hub_url(&stage, store.as_ref());
    let options = Options {
        as_of: arguments.as_of.to_string(),
        banner: arguments.ipis.is_some().then_some(states::CREDIT),
        store,
        ..Options::default()
    };
    let begun = now_us();
    let mut network = steps
        .step(
            "start",
            "Starting hub and nodes",
            Network::start(&stage.folder, binaries, &states, options),
        )
        .await?;
    steps.step("first_exchange", "First exchange", exchange::complete(&mut network, begun)).await?;
    let first = Snapshot::take(&network)?;
    steps
        .step("decision", "A decision of the Secretariat", decide(&mut network, &stage.folder))
        .await?;
    let changed = now_us();
    changes::second_exchange(&states).await?;
    steps
        .step("second_exchange", "Second exchange", exchange::complete(&mut network, changed))
        .await?;
    let second = Snapshot::take(&network)?;
    let comparisons = steps
        .step(
            "comparison",
            "Comparing sources and regional view",
            exchange::compared(&network, &hub_url),
        )
        .await?;
    let seconds = steps.finish();

    let report =
        report(&network, &first, &second, &comparisons, arguments.records_min(), &seconds)?;
    let sound = report["differences"] == 0 && second.records() >= arguments.records_min();
    if arguments.json {
        tell::line(&report.to_string());
    } else {
        tell::summary(&report, &network, &stage.folder, arguments.records_min());
    }
    if !arguments.once {
        stay(&mut network, &states).await?;
    }
    stop(&mut network)?;
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Stage {
    async fn set(arguments: &Arguments) -> Result<Self> {
        let (folder, temporary) = if let Some(folder) = &arguments.dir {
            std::fs::create_dir_all(folder)?;
            if std::fs::read_dir(folder)?.next().is_some() {
                bail!("{} is not empty; name a new folder with --dir", folder.display());
            }
            (folder.canonicalize()?, None)
        } else {
            let temporary = tempfile::Builder::new().prefix("rmd-demo-").tempdir()?;
            (temporary.path().to_owned(), Some(temporary))
        };
        let servers = if arguments.servers {
            let (postgres, mariadb) =
                (Postgres::start(&folder).await?, MariaDb::start(&folder).await?);
            Some(Servers { postgres, mariadb })
        } else {
            None
        };
        Ok(Self { folder, _temporary: temporary, servers })
    }

    async fn hub_store(&self, arguments: &Arguments) -> Result<Option<Store>> {
        let Some(servers) = self.servers.as_ref().filter(|_| arguments.hub_on_postgres) else {
            return Ok(None);
        };
        servers.postgres.create_database("regional").await?;
        Ok(Some(Store {
            public_url: servers.postgres.public_url("regional"),
            password: servers.postgres.password.clone(),
        }))
    }
}

fn hub_url(stage: &Stage, store: Option<&Store>) -> String {
    match (&stage.servers, store) {
        (Some(servers), Some(_)) => servers.postgres.url("regional"),
        _ => format!("sqlite://{}", stage.folder.join("hub/hub.sqlite").display()),
    }
}

impl Steps {
    fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.set_style(
            ProgressStyle::with_template("{spinner} {msg} {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, begun: Instant::now(), seconds: Seconds::new() }
    }

    async fn step<T>(
        &mut self,
        name: &'static str,
        message: &'static str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.bar.set_message(message);
        let begun = Instant::now();
        let done = work.await.with_context(|| message.to_lowercase())?;
        self.seconds.push((name, begun.elapsed().as_secs_f64()));
        Ok(done)
    }

    fn finish(mut self) -> Seconds {
        self.bar.finish_and_clear();
        self.seconds.push(("total", self.begun.elapsed().as_secs_f64()));
        self.seconds
    }
}

/// The Secretariat decides that a site of RWA is Red, with a document.
async fn decide(network: &mut Network, folder: &std::path::Path) -> Result<()> {
    let document = folder.join("decision.txt");
    std::fs::write(
        &document,
        "Demonstration decision: RUL-002 is suspended until it is inspected again.\n",
    )?;
    let document = document.display().to_string();
    let decision =
        ["site", "set-status", "RW-1.7402+29.9901-1002", "red", "--by", "Demonstration officer"];
    let ground = ["--reason", "Demonstration of a decision", "--document", &document];
    let _: Value = network.hub_command(&[&decision[..], &ground[..]].concat())?;
    exchange::bulletins_applied(network).await
}

async fn stay(network: &mut Network, states: &[State]) -> Result<()> {
    let mut turn = 1;
    loop {
        tokio::select! {
            signal = tokio::signal::ctrl_c() => return Ok(signal?),
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
        }
        tell::line(&changes::one_more(states, turn).await?);
        network.hub.check()?;
        for node in &mut network.nodes {
            node.process.check()?;
        }
        turn += 1;
    }
}

fn stop(network: &mut Network) -> Result<()> {
    for node in &mut network.nodes {
        if !node.process.stop()? {
            bail!(
                "{} did not end cleanly; its log is {}",
                node.process.name,
                node.process.log.display()
            );
        }
    }
    if !network.hub.stop()? {
        bail!("the hub did not end cleanly; its log is {}", network.hub.log.display());
    }
    Ok(())
}

fn now_us() -> i64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "the demonstration watches real processes, which use the real clock"
    )]
    jiff::Timestamp::now().as_microsecond()
}
