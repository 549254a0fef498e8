//! What can be wrong with a bundle, in English and French.
//!
//! Each message names the place, what was expected and what was seen, and what to
//! do; nothing of it was applied. Texts of a peer are quoted, escaped and cut.

use rmd_proto::Code;

/// A bundle that cannot be made or taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is no X25519 key of age.
    #[error(
        "the text is no age X25519 {0}; give the line that `bundle key` prints\n\
         le texte n'est pas une clé age X25519 ({0}) ; donnez la ligne que `bundle key` écrit"
    )]
    Key(&'static str),
    /// The file does not begin as an encrypted bundle does.
    #[error(
        "the file is no age file, or its header was altered: {0}; ask for the file again\n\
         le fichier n'est pas un fichier age, ou son en-tête a été altéré : {0} ; redemandez le fichier"
    )]
    Header(String),
    /// It is encrypted to somebody else.
    #[error(
        "the bundle is encrypted to another receiver, or its header was altered; give it to the one \
         for whom it is, or ask the sender to make it for the key that `bundle key` prints here\n\
         le paquet est chiffré pour un autre destinataire, ou son en-tête a été altéré ; remettez-le à \
         celui-ci, ou demandez à l'expéditeur de le faire pour la clé que `bundle key` écrit ici"
    )]
    NotForUs,
    /// The encrypted bytes were altered or cut off.
    #[error(
        "the file was altered or cut off, in {place}; nothing of it was applied, ask for it again\n\
         le fichier a été altéré ou coupé ({place}) ; rien n'en a été appliqué, redemandez-le"
    )]
    Damaged {
        /// Where reading stopped.
        place: &'static str,
    },
    /// Something announces more bytes than it may have.
    #[error(
        "{what} announces {seen} bytes, at most {limit} are taken; nothing was read of it, upgrade \
         or repair the sender\n\
         {what} annonce {seen} octets, au plus {limit} sont acceptés ; rien n'en a été lu, mettez à \
         jour ou réparez l'expéditeur"
    )]
    Oversized {
        /// What it is.
        what: &'static str,
        /// Bytes announced.
        seen: u64,
        /// Bytes taken.
        limit: u64,
    },
    /// A field of the manifest or a frame is not as it must be.
    #[error(
        "{field} of the bundle is wrong: {detail}; upgrade the older side or repair the sender\n\
         le champ {field} du paquet est faux : {detail} ; mettez à jour le plus ancien ou réparez \
         l'expéditeur"
    )]
    Malformed {
        /// The field by its proto name.
        field: &'static str,
        /// The rule and what was seen.
        detail: String,
    },
    /// It is of another network.
    #[error(
        "the bundle is of network {seen}, this is {expected}; nothing was applied, give it to its own \
         network\n\
         le paquet est du réseau {seen}, celui-ci est {expected} ; rien n'a été appliqué, remettez-le \
         à son réseau"
    )]
    OtherNetwork {
        /// Ours.
        expected: String,
        /// The one in the manifest.
        seen: String,
    },
    /// It is for another receiver.
    #[error(
        "the bundle is for {seen}, this is {expected}; nothing was applied, give it to the one for \
         whom it is\n\
         le paquet est pour {seen}, ceci est {expected} ; rien n'a été appliqué, remettez-le à son \
         destinataire"
    )]
    OtherReceiver {
        /// Who we are.
        expected: String,
        /// The receiver in the manifest.
        seen: String,
    },
    /// It is from somebody whose bundles are not taken here.
    #[error(
        "the bundle is from {seen}, which is not {expected}; nothing was applied\n\
         le paquet vient de {seen}, qui n'est pas {expected} ; rien n'a été appliqué"
    )]
    OtherSender {
        /// Whose bundles are taken.
        expected: String,
        /// The sender in the manifest.
        seen: String,
    },
    /// The signature is not the sender's.
    #[error(
        "the manifest is not signed by the known feed key of {sender}; nothing was applied, find out \
         who made the file\n\
         le manifeste n'est pas signé par la clé de flux connue de {sender} ; rien n'a été appliqué, \
         trouvez qui a fait le fichier"
    )]
    Unsigned {
        /// The sender in the manifest.
        sender: String,
    },
    /// The frames are not those that the manifest announces.
    #[error(
        "the frames are not those that the sender signed: {detail}; nothing was applied, ask for the \
         file again\n\
         les trames ne sont pas celles que l'expéditeur a signées : {detail} ; rien n'a été appliqué, \
         redemandez le fichier"
    )]
    OtherFrames {
        /// What differs.
        detail: String,
    },
    /// More parts than a bundle may have.
    #[error(
        "the bundle would have more than {limit} parts; give a larger --part-bytes\n\
         le paquet aurait plus de {limit} parties ; donnez un --part-bytes plus grand"
    )]
    Parts {
        /// Parts at most.
        limit: usize,
    },
    /// Reading or writing failed.
    #[error("the bundle cannot be read or written: {0}\nle paquet ne peut être lu ou écrit : {0}")]
    Io(String),
}

impl Error {
    /// The word of the network's closed list.
    pub const fn code(&self) -> Code {
        match self {
            Self::Oversized { .. } => Code::FrameOversized,
            Self::OtherNetwork { .. }
            | Self::OtherReceiver { .. }
            | Self::OtherSender { .. }
            | Self::NotForUs => Code::IdentityMismatch,
            Self::Unsigned { .. } => Code::CheckpointUnsigned,
            Self::Key(_) | Self::Parts { .. } => Code::RequestInvalid,
            Self::Io(_) => Code::StoreUnavailable,
            Self::Header(_)
            | Self::Damaged { .. }
            | Self::Malformed { .. }
            | Self::OtherFrames { .. } => Code::FrameMalformed,
        }
    }

    /// A fault of reading: damage if the bytes are to blame, else the system.
    pub(super) fn reading(place: &'static str) -> impl Fn(std::io::Error) -> Self {
        use std::io::ErrorKind::{InvalidData, UnexpectedEof};
        move |error| match error.kind() {
            InvalidData | UnexpectedEof => Self::Damaged { place },
            _ => Self::Io(error.to_string()),
        }
    }

    pub(super) fn malformed(field: &'static str, detail: impl Into<String>) -> Self {
        Self::Malformed { field, detail: detail.into() }
    }
}
