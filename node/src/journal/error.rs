//! What can go wrong in the journal.

use rmd_proto::Code;

/// Why the journal could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file cannot be read or written.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
    /// The tables cannot be brought up to date.
    #[error("bring the tables of the journal up to date / mettre à jour les tables du journal")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// The tables are of a later version, or of another program.
    #[error(
        "{file} was written by a later version of rmd-node, or by another program: it has had migration {found}, which this program does not know as it is there; nothing was changed. Run the version that wrote it, or put back the backup from before the upgrade / {file} a été écrit par une version plus récente de rmd-node, ou par un autre programme : il a reçu la migration {found}, que ce programme ne connaît pas telle qu'elle y est ; rien n'a été changé. Lancez la version qui l'a écrit, ou remettez la sauvegarde d'avant la mise à niveau"
    )]
    Foreign {
        /// Name of the file.
        file: &'static str,
        /// Version of the migration.
        found: i64,
    },
    /// The feed does not take the entry, or gives no proof.
    #[error(transparent)]
    Feed(#[from] rmd_feed::Error),
    /// The file holds what this program never writes.
    #[error(
        "the journal has an impossible {column} in table {table}, row {id}; restore node.sqlite from a backup / le journal contient une valeur impossible ({table}.{column}, ligne {id}) ; restaurez node.sqlite depuis une sauvegarde"
    )]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Number of the row.
        id: i64,
    },
    /// A statement wrote another number of rows than it was given.
    #[error("table {table} took {written} of {given} rows")]
    Unwritten {
        /// The table.
        table: &'static str,
        /// Rows given.
        given: usize,
        /// Rows written.
        written: u64,
    },
    /// Capture gave more than one transaction may hold.
    #[error("a batch has {items} items, at most {max} are taken")]
    BatchOversized {
        /// Items given.
        items: usize,
        /// Items taken at most.
        max: usize,
    },
    /// A case has as many answers as the hub takes.
    #[error(
        "case {case_id} has {max} answers already, the hub takes no more: write to the Secretariat, which can ask again under another case / le dossier {case_id} a déjà {max} réponses, le pivot n'en prend pas plus : écrivez au Secrétariat, qui peut redemander dans un autre dossier"
    )]
    AnsweredOften {
        /// Number of the case.
        case_id: String,
        /// Answers at most.
        max: i64,
    },
    /// The clock is behind the last entry; entries would lie about their time.
    #[error(
        "the clock is {behind_s} s behind the last entry of feed {feed}; set the clock, nothing is appended until then / l'horloge retarde de {behind_s} s sur la dernière entrée du flux {feed} ; réglez-la, rien n'est ajouté d'ici là"
    )]
    ClockBehind {
        /// The feed.
        feed: &'static str,
        /// By how much.
        behind_s: i64,
    },
    /// The clock is before the day on which this program was built.
    #[error(
        "the clock is {behind_s} s behind the build of this program; set the clock, nothing is appended and nobody is dialled until then / l'horloge retarde de {behind_s} s sur la construction de ce programme ; réglez-la, rien n'est ajouté et personne n'est appelé d'ici là"
    )]
    ClockBeforeBuild {
        /// By how much.
        behind_s: i64,
    },
    /// The feed lost entries that somebody else may hold.
    #[error(
        "feed {feed} takes nothing new ({state}): entries of it were lost; `rmd-node recover status` says what to do / le flux {feed} n'accepte rien de nouveau ({state}) : des entrées ont été perdues ; `rmd-node recover status` dit quoi faire"
    )]
    Recovering {
        /// The feed.
        feed: String,
        /// In which state it is.
        state: &'static str,
    },
    /// A tail cannot be dropped to a size at which no block ends.
    #[error(
        "feed {feed} has no block that ends at seq {size}; nothing was dropped / le flux {feed} n'a pas de bloc qui finit au seq {size} ; rien n'a été retiré"
    )]
    NoBlockEnd {
        /// The feed.
        feed: &'static str,
        /// The size.
        size: u64,
    },
    /// The file that keeps a dropped tail cannot be written.
    #[error("keep the dropped entries in {} / conserver les entrées retirées", path.display())]
    Tail {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The node has no feed key yet.
    #[error(
        "the node is not enrolled; run `rmd-node enrol` with the token of the Secretariat / le nœud n'est pas inscrit ; lancez `rmd-node enrol` avec le jeton du Secrétariat"
    )]
    NotEnrolled,
}

impl Error {
    /// A row that violates our own invariants.
    pub(crate) const fn inconsistent(table: &'static str, column: &'static str, id: i64) -> Self {
        Self::Inconsistent { table, column, id }
    }

    /// Why the tables of a file cannot be used.
    pub(crate) fn migrating(file: &'static str, error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::VersionMissing(found)
            | sqlx::migrate::MigrateError::VersionMismatch(found) => Self::Foreign { file, found },
            error => Self::Migrate(error),
        }
    }

    /// Holds a statement to the number of rows it was given.
    pub(crate) fn expect_rows(table: &'static str, written: u64, given: usize) -> Result<(), Self> {
        if usize::try_from(written) == Ok(given) {
            return Ok(());
        }
        Err(Self::Unwritten { table, given, written })
    }

    /// The word of the network's closed list.
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::Store(_) => Code::StoreUnavailable,
            Self::Feed(error) => error.code(),
            Self::ClockBehind { .. } | Self::ClockBeforeBuild { .. } => Code::ClockUnsound,
            Self::Recovering { .. } => Code::FeedFrozen,
            _ => Code::Internal,
        }
    }
}
