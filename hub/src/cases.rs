//! Discrepancy cases: what the Secretariat asks a state about findings, and how it ends.
//!
//! Findings are grouped by the entity that they are about and by their cause. A finding
//! that rests on records of several states is in a case of each, under that state's own
//! words. One task follows the history of findings behind the engine, opens, changes and
//! closes cases, notes what states answered, and publishes the notices into the feeds of
//! verdicts of their nodes. An officer sends, reads and decides.
//!
//! Invariants: the number of a case follows from country, subject and cause alone; what
//! a notice says of another state passes the list in [`side`], and nothing else does;
//! rows of the history are only added; nothing of a case stands anywhere but in these
//! tables, in the notices of its state, and in the answers of its state.

mod answer;
mod around;
mod band;
mod cause;
mod compose;
mod drain;
mod erase;
mod file;
mod finding;
mod listing;
mod missing;
mod notice;
mod officer;
mod redact;
mod reply;
mod returned;
mod side;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use rmd_runtime::exit;
use serde::Serialize;

pub(crate) use self::{
    answer::take,
    drain::{Desk, Terms, run},
    erase::erase,
    file::Decision,
    listing::{Listed, Shown, Which, list, show},
    officer::{Outcome, Ruling, decide, send},
    reply::kept,
    returned::keep_again,
};
use crate::{custody, registry, share, store};

/// The feed in which a node answers. It flows whatever is entitled: the right of reply.
pub(crate) const ANSWERS: &str = "answers";

/// Entity of the entries in the feed of verdicts.
pub(crate) const NOTICE: &str = "CaseNotice";

/// Entity of the entries in the feed of answers.
pub(crate) const REPLY: &str = "CaseReply";

/// Digits of the number of a case: as good as none will ever meet.
const NUMBER_DIGITS: usize = 32;

/// How a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub(crate) enum State {
    /// Its state was not asked yet · L'État n'a pas encore été interrogé
    Open,
    /// Its state was asked · L'État a été interrogé
    Sent,
    /// Its state has answered · L'État a répondu
    Answered,
    /// The answer explains it · La réponse l'explique
    Explained,
    /// It stands · Il est confirmé
    Confirmed,
    /// There was nothing · Fausse alerte
    FalseAlarm,
    /// Every finding closed by itself · Chaque constat s'est éteint
    Resolved,
}

impl State {
    const ALL: [Self; 7] = [
        Self::Open,
        Self::Sent,
        Self::Answered,
        Self::Explained,
        Self::Confirmed,
        Self::FalseAlarm,
        Self::Resolved,
    ];

    /// The word in tables, notices and on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::Explained => "explained",
            Self::Confirmed => "confirmed",
            Self::FalseAlarm => "false_alarm",
            Self::Resolved => "resolved",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether an officer has decided.
    const fn is_decided(self) -> bool {
        matches!(self, Self::Explained | Self::Confirmed | Self::FalseAlarm)
    }

    /// Whether an answer is awaited or there.
    const fn is_asked(self) -> bool {
        matches!(self, Self::Sent | Self::Answered)
    }
}

/// Why nothing became of a case.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No such case.
    #[error(
        "no case {0}; `rmd-hub case list` names them\naucun dossier {0} ; `rmd-hub case list` les énumère"
    )]
    Unknown(String),
    /// The beginning of a number is that of several cases.
    #[error(
        "{0} is the beginning of several cases; give more of the number\n\
         {0} est le début de plusieurs dossiers ; donnez plus de caractères"
    )]
    Ambiguous(String),
    /// Nobody of the state can be asked.
    #[error(
        "case {case_id}: no node of {country} is enrolled that could be asked; invite one\n\
         dossier {case_id} : aucun nœud de {country} n'est inscrit ; invitez-en un"
    )]
    NobodyToAsk {
        /// The case.
        case_id: String,
        /// Its state.
        country: String,
    },
    /// It was decided or has closed; there is nothing to ask.
    #[error(
        "case {case_id} is {state}: there is nothing to ask\n\
         dossier {case_id} : {state}, il n'y a rien à demander"
    )]
    Over {
        /// The case.
        case_id: String,
        /// How it stands.
        state: &'static str,
    },
    /// The state was not heard.
    #[error(
        "case {case_id} cannot be confirmed before its state was asked and has answered, or let the \
         day pass{until_en}; ask it with `rmd-hub case send`\n\
         le dossier {case_id} ne peut être confirmé avant que l'État ait été interrogé et ait répondu, \
         ou laissé passer le délai{until_fr} ; interrogez-le par `rmd-hub case send`",
        until_en = due.as_ref().map(|due| format!(" of {due}")).unwrap_or_default(),
        until_fr = due.as_ref().map(|due| format!(" du {due}")).unwrap_or_default()
    )]
    NotHeard {
        /// The case.
        case_id: String,
        /// Until when an answer is awaited, if it was asked.
        due: Option<String>,
    },
    /// A stored row is not what this program writes.
    #[error("table {table}, {id}: {column} cannot be read · illisible")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row.
        id: String,
    },
    /// An officer's word, or the feed of verdicts.
    #[error(transparent)]
    Share(#[from] share::Error),
    /// The nodes cannot be read.
    #[error(transparent)]
    Registry(#[from] registry::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// The exit code of a command that met it; none if the cause decides.
    pub(crate) const fn exit_code(&self) -> Option<u8> {
        match self {
            Self::Unknown(_) => Some(exit::NOT_FOUND),
            Self::Ambiguous(_)
            | Self::NobodyToAsk { .. }
            | Self::Over { .. }
            | Self::NotHeard { .. } => Some(exit::USAGE),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store::Error::Query(error))
    }
}

impl From<custody::Error> for Error {
    fn from(error: custody::Error) -> Self {
        match error {
            custody::Error::Store(error) => Self::Store(error),
            custody::Error::Share(error) => Self::Share(error),
        }
    }
}

/// Who acts where nobody does.
const HUB: &str = "hub";
