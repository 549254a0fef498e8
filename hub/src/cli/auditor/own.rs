//! The auditor's own side: a folder where no hub is.

use std::{
    fs,
    io::{self, Read as _},
    process::ExitCode,
    sync::{Arc, OnceLock},
};

use anyhow::Context as _;
use rmd_feed::FeedVerifier;
use rmd_runtime::{Lifecycle, SharedClock, clock::SystemClock, exit, output, telemetry};

use super::{
    super::{Failure, Global, open},
    CompareArgs, EnrolArgs, FollowArgs,
};
use crate::auditor::{
    self, Auditor,
    compare::{self, Compared},
    finding::Kept,
};

/// A token is one line; a larger file is none.
const TOKEN_BYTES_MAX: u64 = 64 * 1024;

/// How long an open session may take to end after SIGTERM.
const GRACE: std::time::Duration = std::time::Duration::from_secs(10);

/// What is logged while following.
const FILTER: &str = "info,sqlx=warn,h2=warn,hyper=warn,rustls=warn,tower=warn";

fn clock() -> SharedClock {
    SystemClock::shared(None)
}

pub(super) async fn enrol(global: &Global, args: &EnrolArgs) -> Result<(), Failure> {
    let mut token = String::new();
    match (&args.token_file, &args.token) {
        (Some(path), _) => {
            let file = fs::File::open(path)
                .with_context(|| format!("read the token in {}", path.display()))?;
            file.take(TOKEN_BYTES_MAX).read_to_string(&mut token)?;
        }
        (None, Some(given)) if given == "-" => {
            io::stdin().lock().take(TOKEN_BYTES_MAX).read_to_string(&mut token)?;
        }
        (None, given) => token = given.clone().unwrap_or_default(),
    }
    let enrolment = auditor::enrol(&global.dir(), &token, &clock()).await?;
    global.format().print(&enrolment, |enrolment| {
        format!(
            "enrolled · inscrit: {}\nhub · pivot: {}\nits key · sa clé: {}\n\
             answers auditors at · répond aux auditeurs à: {}\nnext · ensuite:\n  rmd-hub auditor follow",
            enrolment.identity,
            enrolment.hub_identity,
            enrolment.hub_feed_vkey,
            enrolment.audit_address
        )
    })?;
    Ok(())
}

pub(super) async fn follow(global: &Global, args: FollowArgs) -> Result<ExitCode, Failure> {
    let auditor = Auditor::open(global.dir(), clock(), args.hub).await?;
    if args.once {
        let ended = auditor.once().await;
        let code = report(global, &auditor).await?;
        // What was found before the hub refused counts as well.
        return match ended {
            Ok(()) | Err(auditor::Error::Frozen) => Ok(code),
            Err(error) => Err(error.into()),
        };
    }
    telemetry::init(Some(FILTER));
    let lifecycle = Lifecycle::new(GRACE);
    let (soft, following) = (lifecycle.soft(), auditor.clone());
    let refused = Arc::new(OnceLock::new());
    let why = Arc::clone(&refused);
    lifecycle.spawn("follow", async move {
        following.run(soft).await.inspect_err(|error| {
            // Set once: the task ends with it.
            let _ = why.set(error.exit_code());
        })
    });
    let ended = lifecycle.run_until_signal().await;
    let code = report(global, &auditor).await?;
    if let Some(refused) = refused.get() {
        return Ok(exit::code(*refused));
    }
    Ok(if ended == exit::code(exit::OK) { code } else { ended })
}

pub(super) async fn show(global: &Global) -> Result<ExitCode, Failure> {
    let auditor = Auditor::open(global.dir(), clock(), None).await?;
    report(global, &auditor).await
}

/// Prints what is kept; 65 if something contradicts what was signed.
async fn report(global: &Global, auditor: &Auditor) -> Result<ExitCode, Failure> {
    let summary = auditor.summary().await?;
    global.format().print(&summary, |summary| {
        let mut lines = vec![format!(
            "{}: {} entries · écritures, {} feeds · flux, {} checkpoints · points de contrôle, \
             {} pending · en attente",
            summary.identity,
            summary.entries,
            summary.origins,
            summary.checkpoints,
            summary.pending
        )];
        let row = |kept: &Kept| {
            let has_evidence = if kept.evidence.is_empty() { "" } else { "evidence · preuve" };
            vec![
                kept.finding_id.to_string(),
                kept.what.clone(),
                if kept.grave { "!" } else { "" }.to_owned(),
                kept.origin.clone(),
                open::instant(Some(kept.found_at_us)),
                has_evidence.to_owned(),
            ]
        };
        let rows: Vec<_> = summary.findings.iter().map(row).collect();
        lines.push(output::table(
            &["no · n°", "what · constat", "", "feed · flux", "at · le", ""],
            &rows,
        ));
        lines.extend(
            summary
                .findings
                .iter()
                .map(|kept| format!("{}. {}\n   {}", kept.finding_id, kept.en, kept.fr)),
        );
        lines.join("\n")
    })?;
    Ok(exit::code(if summary.sound { exit::OK } else { exit::DATA }))
}

pub(super) async fn export(global: &Global, finding: i64) -> Result<(), Failure> {
    let auditor = Auditor::open(global.dir(), clock(), None).await?;
    let findings = auditor.store.findings().await?;
    let found = findings.into_iter().find(|kept| kept.finding_id == finding);
    let evidence = found.map(|kept| kept.evidence).filter(|evidence| !evidence.is_empty());
    let evidence = evidence.ok_or_else(|| {
        Failure::not_found(format!(
            "finding {finding} does not exist or has no evidence that others can check\n\
             le constat {finding} n'existe pas ou n'a pas de preuve vérifiable par d'autres"
        ))
    })?;
    output::line(evidence.trim_end())?;
    Ok(())
}

pub(super) async fn compare(global: &Global, args: &CompareArgs) -> Result<ExitCode, Failure> {
    let parse = |vkey: &String| FeedVerifier::parse(vkey);
    let keys: Result<Vec<_>, _> = args.vkey.iter().map(parse).collect();
    let keys = keys.map_err(|error| Failure::usage(format!("--vkey: {}", error.english())))?;
    let compared = compare::compare(&args.one, &args.other, &keys, &clock()).await?;
    if let Some(dir) = &args.evidence {
        fs::create_dir_all(dir).with_context(|| format!("make {}", dir.display()))?;
        let found = compared.contradictions.iter().filter(|one| !one.evidence.is_empty());
        for (number, one) in (1..).zip(found) {
            let path = dir.join(format!("evidence-{number}.txt"));
            fs::write(&path, &one.evidence).with_context(|| format!("write {}", path.display()))?;
        }
    }
    global.format().print(&compared, text)?;
    Ok(exit::code(if compared.sound { exit::OK } else { exit::DATA }))
}

fn text(compared: &Compared) -> String {
    let mut lines = vec![format!(
        "{} checkpoints compared · points de contrôle comparés, {} of an unknown key · de clé inconnue",
        compared.checkpoints, compared.unknown
    )];
    lines.extend(compared.hub.iter().map(|agreed| match agreed.first_differing_seq {
        None => format!(
            "hub · pivot {}: {} entries agree · écritures s'accordent",
            agreed.epoch, agreed.common
        ),
        Some(seq) => {
            format!("hub · pivot {}: entry {seq} differs · l'écriture {seq} diffère", agreed.epoch)
        }
    }));
    lines.extend(compared.contradictions.iter().map(|one| format!("{}\n{}", one.en, one.fr)));
    lines.join("\n")
}
