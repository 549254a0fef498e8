//! What became of bundles, in the words that both ends print.
//!
//! Owns the outcome of each file of an import, what an export wrote, and what a part
//! says of itself. Knows no feed by name and decides nothing: the caller puts files
//! in order ([`super::schedule`]), and says how a refusal ends its command.

use std::path::PathBuf;

use rmd_proto::v1;
use serde::Serialize;

use super::Manifest;

/// What became of one file.
#[derive(Debug, Serialize)]
pub struct FileReport {
    /// The file.
    pub file: PathBuf,
    /// The word for it.
    pub outcome: Outcome,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How a refusal ends the command; none if the outcome decides.
    #[serde(skip)]
    exit: Option<u8>,
}

/// What can become of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// What followed the cursor was applied.
    Applied,
    /// It held nothing new.
    Known,
    /// Something before it is missing; nothing of it was applied.
    Waiting,
    /// It is refused.
    Refused,
}

impl Outcome {
    /// For a person.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied · appliqué",
            Self::Known => "known · connu",
            Self::Waiting => "waits · attend",
            Self::Refused => "REFUSED · REFUSÉ",
        }
    }
}

/// What became of all files, each in the order in which it was given.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct FileReports(Vec<FileReport>);

impl FileReports {
    /// Takes the next file, which holds nothing new until more is known; its place.
    pub fn add(&mut self, file: PathBuf) -> usize {
        self.0.push(FileReport { file, outcome: Outcome::Known, error: None, exit: None });
        self.0.len() - 1
    }

    /// Says what became of the file at a place.
    pub fn mark(&mut self, place: usize, outcome: Outcome) {
        if let Some(report) = self.0.get_mut(place) {
            report.outcome = outcome;
        }
    }

    /// Says why the file at a place is refused.
    pub fn refuse(&mut self, place: usize, error: String, exit: Option<u8>) {
        if let Some(report) = self.0.get_mut(place) {
            (report.outcome, report.error, report.exit) = (Outcome::Refused, Some(error), exit);
        }
    }

    /// The files.
    pub fn iter(&self) -> impl Iterator<Item = &FileReport> {
        self.0.iter()
    }

    /// Whether everything that was given is applied.
    pub fn is_complete(&self) -> bool {
        let done = |file: &FileReport| matches!(file.outcome, Outcome::Applied | Outcome::Known);
        self.0.iter().all(done)
    }

    /// The exit code of the first refusal that has one.
    pub fn exit_code(&self) -> Option<u8> {
        self.0.iter().find_map(|file| file.exit)
    }

    /// Outcome and name of each file, for a table.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let row = |file: &FileReport| {
            vec![file.outcome.word().to_owned(), file.file.display().to_string()]
        };
        self.0.iter().map(row).collect()
    }

    /// A line for each refused file.
    pub fn errors(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|file| {
            let error = file.error.as_ref()?;
            Some(format!("{}: {error}", file.file.display()))
        })
    }
}

/// What was written of one feed.
#[derive(Debug, Serialize)]
pub struct Exported {
    /// The feed.
    pub feed: String,
    /// Its epoch.
    pub epoch: u32,
    /// The seq after which the first part begins.
    pub after_seq: u64,
    /// The last seq of the last part.
    pub last_seq: u64,
    /// The number that all parts carry, in hexadecimal.
    pub bundle_id: String,
    /// The parts, in their order.
    pub files: Vec<PathBuf>,
}

impl Exported {
    /// The files of a bundle whose manifest was this.
    pub fn new(
        manifest: &v1::BundleManifest,
        (after_seq, last_seq): (u64, u64),
        files: Vec<PathBuf>,
    ) -> Self {
        let state = manifest.state.as_ref();
        Self {
            feed: state.map(|state| state.feed.clone()).unwrap_or_default(),
            epoch: state.map_or(0, |state| state.epoch),
            after_seq,
            last_seq,
            bundle_id: hex::encode(&manifest.bundle_id),
            files,
        }
    }

    /// The range, and the files below it.
    pub fn lines(&self) -> Vec<String> {
        let Self { feed, epoch, after_seq, last_seq, files, .. } = self;
        let range = format!("{feed}/{epoch}: {after_seq} → {last_seq}");
        let files = files.iter().map(|file| file.display().to_string());
        std::iter::once(range).chain(files).collect()
    }
}

/// What a part says of itself, and whether that holds.
#[derive(Debug, Serialize)]
pub struct Shown {
    network: String,
    sender: String,
    receiver: String,
    bundle_id: String,
    part: usize,
    parts: usize,
    feed: String,
    epoch: u32,
    first_seq: u64,
    last_seq: u64,
    frames: u64,
    size: u64,
    /// When it was made, by its sender's clock.
    pub created_at_us: i64,
    software_version: String,
    boot_number: u64,
    acknowledged: Vec<(String, u32, u64)>,
    /// Whether the sender is known, the signature its own, and the file whole.
    holds: bool,
    fault: Option<String>,
}

impl Shown {
    /// What a manifest says; `fault` is why it does not hold.
    pub fn new(manifest: &Manifest, fault: Option<String>) -> Self {
        let (message, state) = (manifest.message(), manifest.state());
        let (part, parts) = manifest.part();
        let acknowledged = message.acknowledged.iter();
        Self {
            network: message.network.clone(),
            sender: message.sender.clone(),
            receiver: message.receiver.clone(),
            bundle_id: manifest.bundle_id(),
            part,
            parts,
            feed: state.feed.clone(),
            epoch: state.epoch,
            first_seq: manifest.first_seq(),
            last_seq: manifest.last_seq(),
            frames: message.frames,
            size: state.size,
            created_at_us: message.created_at_us,
            software_version: message.software_version.clone(),
            boot_number: message.boot_number,
            acknowledged: acknowledged
                .map(|cursor| (cursor.feed.clone(), cursor.epoch, cursor.cursor))
                .collect(),
            holds: fault.is_none(),
            fault,
        }
    }

    /// For a person; `made` is when it was made, as the caller writes instants.
    pub fn text(&self, made: &str) -> String {
        let Self { sender, receiver, bundle_id, part, parts, feed, epoch, .. } = self;
        let acknowledged = self.acknowledged.iter();
        let acknowledged: Vec<_> =
            acknowledged.map(|(feed, epoch, cursor)| format!("{feed}/{epoch}: {cursor}")).collect();
        format!(
            "from · de: {sender}\nto · à: {receiver}\nmade · fait: {made} ({})\n\
             bundle · paquet: {bundle_id}, {part}/{parts}\n\
             feed · flux: {feed}/{epoch}, seq {}-{} of · de {}\n\
             acknowledges · accuse réception: {}\nholds · tient: {}",
            self.software_version,
            self.first_seq,
            self.last_seq,
            self.size,
            acknowledged.join(", "),
            self.fault.as_deref().unwrap_or("yes · oui"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reports(outcomes: &[Outcome]) -> FileReports {
        let mut reports = FileReports::default();
        for (index, outcome) in outcomes.iter().enumerate() {
            let place = reports.add(PathBuf::from(format!("{index}.age")));
            reports.mark(place, *outcome);
        }
        reports
    }

    #[test]
    fn an_import_is_complete_when_no_file_waits_or_is_refused() {
        assert!(reports(&[Outcome::Applied, Outcome::Known]).is_complete());
        assert!(!reports(&[Outcome::Applied, Outcome::Waiting]).is_complete());
        assert!(!reports(&[Outcome::Refused]).is_complete());
    }

    #[test]
    fn a_refused_file_says_why_and_how_the_command_ends() {
        let mut files = reports(&[Outcome::Applied, Outcome::Known, Outcome::Known]);
        files.refuse(1, "another network".to_owned(), None);
        files.refuse(2, "cut short".to_owned(), Some(65));
        assert_eq!(files.exit_code(), Some(65));
        let lines: Vec<String> = files.errors().collect();
        assert_eq!(lines, ["1.age: another network", "2.age: cut short"]);
        assert_eq!(files.rows()[1], ["REFUSED · REFUSÉ", "1.age"]);
    }
}
