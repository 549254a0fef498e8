//! What a statement proves, and why one proves nothing, for people.

use super::{Proven, Unproven};

impl Proven {
    /// What is proven, in English.
    pub fn english(&self) -> String {
        match self {
            Self::OtherRoot { origin, size, roots: [one, other] } => format!(
                "proven: the owner of {origin} signed two roots for size {size}: {} and {}; it \
                 rewrote its history",
                hex::encode(one),
                hex::encode(other)
            ),
            Self::NotExtended { origin, smaller, larger, prefix_root } => format!(
                "proven: the owner of {origin} signed root {} for size {}, and its tree of size {} \
                 has root {} there; it does not go on from what was signed before",
                hex::encode(smaller.root),
                smaller.size,
                larger.size,
                hex::encode(prefix_root)
            ),
        }
    }

    /// The same in French.
    pub fn french(&self) -> String {
        match self {
            Self::OtherRoot { origin, size, roots: [one, other] } => format!(
                "prouvé : le propriétaire de {origin} a signé deux racines pour la taille {size} : \
                 {} et {} ; il a réécrit son historique",
                hex::encode(one),
                hex::encode(other)
            ),
            Self::NotExtended { origin, smaller, larger, prefix_root } => format!(
                "prouvé : le propriétaire de {origin} a signé la racine {} pour la taille {}, et son \
                 arbre de taille {} y a la racine {} ; il ne prolonge pas ce qui était signé",
                hex::encode(smaller.root),
                smaller.size,
                larger.size,
                hex::encode(prefix_root)
            ),
        }
    }
}

impl Unproven {
    /// Why nothing is proven, in English.
    pub fn english(&self) -> String {
        format!("nothing is proven: {self}")
    }

    /// The same in French.
    pub fn french(&self) -> String {
        let why = match self {
            Self::Malformed { line } => {
                format!("la ligne {line} n'est pas celle d'une preuve « rmd-evidence 1 »")
            }
            Self::OtherKey { stated } => format!("la preuve porte sur la clé {stated}"),
            Self::Unsigned { which, fault } => {
                format!("le point de contrôle {which} ne compte pas : {}", fault.french())
            }
            Self::OtherOrigin { held, offered } => {
                format!("les points de contrôle sont de {held} et de {offered}")
            }
            Self::Agree => "les points de contrôle s'accordent".to_owned(),
            Self::NoProof { smaller, larger } => format!(
                "les tailles {smaller} et {larger} diffèrent et aucune démonstration n'est donnée"
            ),
            Self::ProofInvalid => "la démonstration ne tient pas".to_owned(),
        };
        format!("rien n'est prouvé : {why}")
    }
}
