//! The limits of the rules: who asked for a change, who approved it, what is in force.
//!
//! Owns the table `parameter_proposal` and writes `parameter_change`. One person
//! proposes and another approves; the approval raises the version of the table and
//! tells every node in the feed `shared`, in one transaction. Refuses a name, a state
//! or a value that no limit can have. Names of officers are what the operator of this
//! command says they are.
//!
//! Invariant: nothing is edited. Of two changes of one limit at one place the later
//! version counts, so that the limits of any past version can be told.

mod amount;
mod in_force;
mod proposal;
#[cfg(test)]
mod tests;

use rmd_runtime::exit;

pub(crate) use self::{
    amount::{limit, read, written},
    in_force::{Changed, changes, in_force, keep_again, table},
    proposal::{Approver, Proposal, approve, list, propose, refuse},
};
use crate::{share, store};

/// Entity of the bulletins.
pub(crate) const ENTITY: &str = "RuleLimit";

/// Why a limit was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The limit or its value.
    #[error(transparent)]
    Limit(#[from] rmd_reconcile::parameter::Error),
    /// The amount cannot be read.
    #[error(
        "{value:?} is no amount of {name}: write {like}\n\
         {value:?} n'est pas une valeur de {name} : écrivez {like}"
    )]
    Amount {
        /// Name of the limit.
        name: &'static str,
        /// What was given.
        value: String,
        /// How it is written.
        like: &'static str,
    },
    /// Not a member state.
    #[error(
        "--country {0:?} is no member: give an alpha-3 code, as COD\n\
         --country {0:?} n'est pas un membre : donnez un code alpha-3, par exemple COD"
    )]
    Country(String),
    /// Not a code of a mineral.
    #[error(
        "--mineral {0:?} is no mineral: give its HS code, as 260900\n\
         --mineral {0:?} n'est pas un minerai : donnez son code SH, par exemple 260900"
    )]
    Mineral(String),
    /// No proposal of that number waits.
    #[error(
        "no proposal {0} waits for a decision; `rmd-hub parameter proposals` lists them\n\
         aucune proposition {0} n'attend de décision ; `rmd-hub parameter proposals` les énumère"
    )]
    NotProposed(i64),
    /// One person cannot do both.
    #[error(
        "{0:?} proposed this change; somebody else must approve it\n\
         {0:?} a proposé ce changement ; quelqu'un d'autre doit l'approuver"
    )]
    SamePerson(String),
    /// An officer's word, or the feed of bulletins.
    #[error(transparent)]
    Share(#[from] share::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// The exit code of a command that met it; none if the cause decides.
    pub(crate) const fn exit_code(&self) -> Option<u8> {
        match self {
            Self::NotProposed(_) => Some(exit::NOT_FOUND),
            Self::Share(_) | Self::Store(_) => None,
            _ => Some(exit::USAGE),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store::Error::Query(error))
    }
}
