//! The code lists of the standard: one table that pairs words, standard codes
//! and the numbers of the protobuf enumerations.
//!
//! A word is the standard's own in lower snake case; ours of chemistry and of
//! Annex II are written as everybody writes them (`SnO2`, `A2-1`). A number is that
//! of the protobuf enumeration, where 0 means absent and is never valid.

/// One value of a code list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The standard's word in lower snake case, such as `mining_license`.
    pub word: &'static str,
    /// The standard's own number, as it appears in national systems; absent where it has words only.
    pub standard: Option<u8>,
    /// The number of the protobuf enumeration.
    pub number: i32,
}

/// One closed code list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List {
    /// Its place in [`ALL`].
    pub(crate) place: usize,
    /// Name of the list, as in `[codes.NAME]` of a mapping.
    pub name: &'static str,
    /// The values, in the order of the standard.
    pub codes: &'static [Code],
}

impl List {
    /// The word of an enumeration number.
    pub fn word_of(&self, number: i32) -> Option<&'static str> {
        self.codes.iter().find(|code| code.number == number).map(|code| code.word)
    }

    /// The enumeration number of a word or number of the standard.
    ///
    /// Case, blanks and hyphens of a word do not count: `Non-active` is `non_active`.
    pub fn number_of(&self, word: &str) -> Option<i32> {
        let word = word.trim();
        // Looking first is worth it: most words are words.
        if word.starts_with(|first: char| first.is_ascii_digit() || first == '+')
            && let Ok(standard) = word.parse::<u8>()
        {
            return self
                .codes
                .iter()
                .find(|code| code.standard == Some(standard))
                .map(|code| code.number);
        }
        self.codes.iter().find(|code| same_word(code.word, word)).map(|code| code.number)
    }

    /// The words, joined for a message.
    pub fn words(&self) -> String {
        self.codes.iter().map(|code| code.word).collect::<Vec<_>>().join(", ")
    }
}

fn same_word(known: &str, word: &str) -> bool {
    let fold =
        |byte: u8| if matches!(byte, b'-' | b' ') { b'_' } else { byte.to_ascii_lowercase() };
    known.len() == word.len() && known.bytes().zip(word.bytes()).all(|(a, b)| fold(a) == fold(b))
}

const fn code(word: &'static str, standard: u8, number: i32) -> Code {
    Code { word, standard: Some(standard), number }
}

const fn worded(word: &'static str, number: i32) -> Code {
    Code { word, standard: None, number }
}

/// MDC.01: the certification status of a mine site or an exporter.
pub const CERTIFICATION_STATUS: List = List {
    place: 0,
    name: "certification_status",
    codes: &[code("blue", 0, 1), code("green", 1, 2), code("yellow", 2, 3), code("red", 3, 4)],
};

/// MDC.02: whether a mine site is worked.
pub const ACTIVITY_STATUS: List = List {
    place: 1,
    name: "activity_status",
    codes: &[code("abandoned", 0, 1), code("active", 1, 2), code("non_active", 2, 3)],
};

/// MDC.04: the kind of title.
pub const LICENSE_TYPE: List = List {
    place: 2,
    name: "license_type",
    codes: &[
        worded("claim", 1),
        worded("exploration_permit", 2),
        worded("mining_license", 3),
        worded("artisanal_permit", 4),
        worded("unlicensed", 5),
        worded("other", 6),
    ],
};

/// MD.02 licenseStatus: whether a title is in force.
pub const LICENSE_STATUS: List = List {
    place: 3,
    name: "license_status",
    codes: &[code("not_active", 0, 1), code("active", 1, 2)],
};

/// MDC.05: the part that a business entity plays.
pub const CREATOR_ROLE: List = List {
    place: 4,
    name: "creator_role",
    codes: &[
        code("miner", 1, 2),
        code("trader", 2, 3),
        code("shipper", 3, 4),
        code("processor", 4, 5),
        code("warehouse", 5, 6),
        code("importer", 6, 7),
        code("exporter", 7, 8),
        code("government", 8, 9),
    ],
};

/// MDC.06: the operation from which a lot came.
pub const ORIGINATING_OPERATION: List = List {
    place: 5,
    name: "originating_operation",
    codes: &[
        code("production", 1, 2),
        code("purchase", 2, 3),
        code("combination", 3, 4),
        code("processing", 4, 5),
        code("transportation", 5, 6),
        code("storage", 6, 7),
        code("import", 7, 8),
        code("export", 8, 9),
    ],
};

/// MDC.07 and our addition grm: the unit of a mass.
pub const UNIT_OF_MEASUREMENT: List = List {
    place: 6,
    name: "unit_of_measurement",
    codes: &[worded("tne", 1), worded("kgm", 2), worded("grm", 3)],
};

/// Our addition: whether goods leave or enter for good, or pass through.
pub const PROCEDURE: List =
    List { place: 7, name: "procedure", codes: &[worded("normal", 1), worded("transit", 2)] };

/// Our addition: how a site is worked.
pub const OPERATION_TYPE: List = List {
    place: 8,
    name: "operation_type",
    codes: &[worded("industrial", 1), worded("semi_industrial", 2), worded("artisanal", 3)],
};

/// Our addition: what led to a declared change of status.
pub const STATUS_CAUSE: List = List {
    place: 9,
    name: "status_cause",
    codes: &[
        worded("inspection", 1),
        worded("lapse", 2),
        worded("decision", 3),
        worded("initial", 4),
    ],
};

/// Our addition: what a concentration counts.
pub const ANALYTE: List = List {
    place: 10,
    name: "analyte",
    codes: &[
        worded("Sn", 1),
        worded("SnO2", 2),
        worded("Ta2O5", 3),
        worded("Nb2O5", 4),
        worded("WO3", 5),
        worded("Au", 6),
    ],
};

/// Our addition: the scheme that issues a tag.
pub const TAG_SCHEME: List = List {
    place: 11,
    name: "tag_scheme",
    codes: &[
        worded("itsci", 1),
        worded("better_mining", 2),
        worded("national", 3),
        worded("other", 4),
    ],
};

/// Our addition: the step of the chain that applies a tag.
pub const TAG_KIND: List = List {
    place: 12,
    name: "tag_kind",
    codes: &[worded("mine", 1), worded("trader", 2), worded("processor", 3), worded("export", 4)],
};

/// Our addition: what has become of a tag.
pub const TAG_STATE: List = List {
    place: 13,
    name: "tag_state",
    codes: &[
        worded("issued", 1),
        worded("applied", 2),
        worded("consumed", 3),
        worded("lost", 4),
        worded("void", 5),
    ],
};

/// Our addition: what has become of an export certificate.
pub const CERTIFICATE_STATE: List = List {
    place: 14,
    name: "certificate_state",
    codes: &[
        worded("valid", 1),
        worded("used", 2),
        worded("expired", 3),
        worded("revoked", 4),
        worded("replaced", 5),
    ],
};

/// Our addition: who holds an audit.
pub const AUDIT_TYPE: List = List {
    place: 15,
    name: "audit_type",
    codes: &[
        worded("third_party", 1),
        worded("state", 2),
        worded("secretariat", 3),
        worded("other", 4),
    ],
};

/// Our addition: what an audit concludes.
pub const AUDIT_CONCLUSION: List = List {
    place: 16,
    name: "audit_conclusion",
    codes: &[worded("conformant", 1), worded("corrective_action", 2), worded("non_conformant", 3)],
};

/// Our addition: the risks of Annex II of the OECD guidance.
pub const ANNEX_RISK: List = List {
    place: 17,
    name: "annex_risk",
    codes: &[
        worded("A2-1", 1),
        worded("A2-2", 2),
        worded("A2-3", 3),
        worded("A2-4", 4),
        worded("A2-5", 5),
        worded("A2-6", 6),
    ],
};

/// Our addition: what has become of an incident.
pub const INCIDENT_STATE: List = List {
    place: 18,
    name: "incident_state",
    codes: &[
        worded("open", 1),
        worded("under_review", 2),
        worded("confirmed", 3),
        worded("dismissed", 4),
        worded("closed", 5),
    ],
};

/// Every closed list whose values are numbers of an enumeration.
pub const ALL: [&List; 19] = [
    &CERTIFICATION_STATUS,
    &ACTIVITY_STATUS,
    &LICENSE_TYPE,
    &LICENSE_STATUS,
    &CREATOR_ROLE,
    &ORIGINATING_OPERATION,
    &UNIT_OF_MEASUREMENT,
    &PROCEDURE,
    &OPERATION_TYPE,
    &STATUS_CAUSE,
    &ANALYTE,
    &TAG_SCHEME,
    &TAG_KIND,
    &TAG_STATE,
    &CERTIFICATE_STATE,
    &AUDIT_TYPE,
    &AUDIT_CONCLUSION,
    &ANNEX_RISK,
    &INCIDENT_STATE,
];

/// The list of that name.
pub fn list(name: &str) -> Option<&'static List> {
    ALL.into_iter().find(|list| list.name == name)
}

#[cfg(test)]
mod tests;
