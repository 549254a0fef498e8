//! The sentences for each fault: French, and what to do in both languages.
//!
//! Each names the place, what was expected and what was seen, and ends with what
//! to do about it. A test holds that both languages name the same numbers.

use super::{Defect, Error, Measure, NoteFault, StoreFault};

impl Error {
    /// The fault in English, with its remedy.
    pub fn english(&self) -> String {
        let remedy = self.remedy().0;
        format!("{self}; {remedy}")
    }

    /// The fault in French, with its remedy.
    pub fn french(&self) -> String {
        let remedy = self.remedy().1;
        format!("{} ; {remedy}", self.french_fact())
    }

    #[expect(clippy::too_many_lines, reason = "one sentence a variant, checked for completeness")]
    fn french_fact(&self) -> String {
        match self {
            Self::Key => "le texte n'est pas une clé Ed25519 C2SP".to_owned(),
            Self::KeyName { name } => {
                format!("le nom de clé {name:?} est vide ou contient un blanc ou un signe plus")
            }
            Self::Origin { origin } => format!(
                "l'origine {origin:?} est vide, trop longue ou contient des caractères de contrôle"
            ),
            Self::BlockCount { feed, count } => {
                format!("flux {feed} : un bloc de {count} entrées, attendu 1 à 256")
            }
            Self::BlockOversized { feed, bytes } => format!(
                "flux {feed} : les entrées d'un bloc prennent {bytes} octets, attendu au plus 1000000"
            ),
            Self::NewEntry { feed, entity, key, defect } => {
                format!("flux {feed}, {entity} {key:?} : {}", defect.french())
            }
            Self::Full { feed } => {
                format!("flux {feed} : l'époque contient autant d'entrées que permis")
            }
            Self::Edge { size, expected, seen } => format!(
                "le bord droit d'un arbre de taille {size} prend {expected} octets, reçu {seen}"
            ),
            Self::Inconsistent { feed, size, fault } => {
                format!("flux {feed} : la base se contredit au seq {size} : {}", fault.french())
            }
            Self::OtherFeed { expected, seen } => {
                format!("flux {expected} : la trame est du flux {seen}")
            }
            Self::OtherEpoch { feed, expected, seen } => {
                format!("flux {feed} : époque attendue {expected}, reçue {seen}")
            }
            Self::Range { feed, first, last } => format!(
                "flux {feed} : first_seq {first} et last_seq {last} ne forment pas un intervalle"
            ),
            Self::Oversized { feed, first, what, seen, limit } => format!(
                "flux {feed}, trame dès le seq {first} : {} {seen}, attendu au plus {limit}",
                what.french()
            ),
            Self::Packing { feed, first, last, detail } => format!(
                "flux {feed}, seq {first} à {last} : le corps n'est pas le zstd d'un EntryBlock : {detail}"
            ),
            Self::Count { feed, first, expected, seen } => format!(
                "flux {feed}, trame dès le seq {first} : {expected} entrées attendues, {seen} reçues"
            ),
            Self::Entry { feed, seq, defect } => {
                format!("flux {feed}, seq {seq} : {}", defect.french())
            }
            Self::Gap { feed, expected, seen } => {
                format!("flux {feed} : seq {expected} attendu, {seen} reçu")
            }
            Self::Unsigned { origin, size, fault } => {
                format!("point de contrôle de {origin} à la taille {size} : {}", fault.french())
            }
            Self::CheckpointSize { origin, expected, seen } => {
                format!("point de contrôle de {origin} : taille attendue {expected}, reçue {seen}")
            }
            Self::Root { origin, size, expected, seen } => format!(
                "{origin} à la taille {size} : les entrées donnent la racine {}, le propriétaire a signé {}",
                hex::encode(expected),
                hex::encode(seen)
            ),
            Self::Leaf { feed, seq } => format!(
                "flux {feed}, seq {seq} : les octets stockés ne donnent pas l'empreinte stockée de la feuille"
            ),
            Self::Frozen { feed, cursor } => format!("le flux {feed} est gelé au seq {cursor}"),
            Self::ProofRange { size, asked } => {
                format!("pas de preuve pour {asked} dans un arbre de taille {size}")
            }
            Self::HashMissing { index } => format!("l'empreinte stockée {index} manque"),
            Self::ProofInvalid { size, asked } => {
                format!("la preuve pour {asked} dans l'arbre de taille {size} ne tient pas")
            }
        }
    }

    /// What to do about it, in both languages.
    fn remedy(&self) -> (&'static str, &'static str) {
        match self {
            Self::Key | Self::KeyName { .. } | Self::Origin { .. } => (
                "give the text exactly as it was issued",
                "donnez le texte exactement comme il a été émis",
            ),
            Self::BlockCount { .. } | Self::BlockOversized { .. } => {
                ("append in smaller blocks", "ajoutez par blocs plus petits")
            }
            Self::NewEntry { .. } => (
                "nothing was appended; correct this record's entry",
                "rien n'a été ajouté ; corrigez l'entrée de cet enregistrement",
            ),
            Self::Full { .. } => ("begin a new epoch", "commencez une nouvelle époque"),
            Self::Edge { .. } | Self::Inconsistent { .. } | Self::Leaf { .. } => (
                "restore the store from its backup and verify it again",
                "restaurez la base depuis sa sauvegarde et vérifiez-la de nouveau",
            ),
            Self::OtherEpoch { .. } => (
                "an officer must confirm the owner's epoch before the feed is followed",
                "un responsable doit confirmer l'époque du propriétaire avant de suivre le flux",
            ),
            Self::Oversized { .. } => (
                "nothing was applied; the owner must send smaller frames",
                "rien n'a été appliqué ; le propriétaire doit envoyer des trames plus petites",
            ),
            Self::Gap { .. } => (
                "nothing was applied; pull again after the cursor",
                "rien n'a été appliqué ; tirez de nouveau après le curseur",
            ),
            Self::OtherFeed { .. }
            | Self::Range { .. }
            | Self::Packing { .. }
            | Self::Count { .. }
            | Self::Entry { .. }
            | Self::CheckpointSize { .. } => (
                "nothing was applied; pull again, and if it repeats have the owner verify the journal",
                "rien n'a été appliqué ; tirez de nouveau et, si cela se répète, faites vérifier le journal par le propriétaire",
            ),
            Self::Unsigned { .. } => (
                "nothing was applied; compare the owner's feed key with the enrolled one",
                "rien n'a été appliqué ; comparez la clé de flux du propriétaire avec celle de l'enrôlement",
            ),
            Self::Root { .. } | Self::Frozen { .. } => (
                "keep the evidence and ask the owner why history differs; an officer decides how to go on",
                "gardez la preuve et demandez au propriétaire pourquoi l'historique diffère ; un responsable décide de la suite",
            ),
            Self::ProofRange { .. } => {
                ("ask within the size of the feed", "demandez dans la taille du flux")
            }
            Self::HashMissing { .. } => (
                "load every hash that the dry run lists",
                "chargez toutes les empreintes que l'essai à blanc énumère",
            ),
            Self::ProofInvalid { .. } => (
                "keep both checkpoints and ask the owner",
                "gardez les deux points de contrôle et demandez au propriétaire",
            ),
        }
    }
}

impl Measure {
    pub(crate) fn english(self) -> &'static str {
        match self {
            Self::CompressedBytes => "compressed bytes",
            Self::DecodedBytes => "decoded bytes",
            Self::Entries => "entries",
            Self::CheckpointBytes => "bytes of checkpoint",
        }
    }

    fn french(self) -> &'static str {
        match self {
            Self::CompressedBytes => "octets comprimés",
            Self::DecodedBytes => "octets décodés",
            Self::Entries => "entrées",
            Self::CheckpointBytes => "octets de point de contrôle",
        }
    }
}

impl NoteFault {
    pub(crate) fn english(self) -> &'static str {
        match self {
            Self::Malformed => "expected a signed C2SP checkpoint, got other text",
            Self::OtherOrigin => "it names another owner, feed or epoch",
            Self::OtherKey => "the enrolled key has not signed it",
            Self::Signature => "its signature does not hold",
        }
    }

    pub(crate) fn french(self) -> &'static str {
        match self {
            Self::Malformed => "point de contrôle C2SP signé attendu, autre texte reçu",
            Self::OtherOrigin => "il nomme un autre propriétaire, flux ou époque",
            Self::OtherKey => "la clé enrôlée ne l'a pas signé",
            Self::Signature => "sa signature ne tient pas",
        }
    }
}

impl StoreFault {
    pub(crate) fn english(self) -> &'static str {
        match self {
            Self::Cursor => "the right edge has another size than the cursor",
            Self::CheckpointMissing => "entries were applied without a checkpoint",
            Self::CheckpointSize => "the checkpoint stands at another size",
            Self::Root => "the right edge gives another root than the checkpoint",
        }
    }

    fn french(self) -> &'static str {
        match self {
            Self::Cursor => "le bord droit a une autre taille que le curseur",
            Self::CheckpointMissing => "des entrées furent appliquées sans point de contrôle",
            Self::CheckpointSize => "le point de contrôle est à une autre taille",
            Self::Root => "le bord droit donne une autre racine que le point de contrôle",
        }
    }
}

impl Defect {
    pub(super) fn english(&self) -> String {
        format!("field {}: expected {}, got {}", self.field, self.expected, self.seen)
    }

    fn french(&self) -> String {
        format!("champ {} : attendu {}, reçu {}", self.field, self.expected, self.seen)
    }
}
