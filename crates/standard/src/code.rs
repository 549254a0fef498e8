//! The code lists of the standard: one table that pairs words, standard codes
//! and the numbers of the protobuf enumerations.
//!
//! A word is the standard's own in lower snake case. A number is that of the
//! protobuf enumeration, where 0 means absent and is never valid.

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
        if let Ok(standard) = word.parse::<u8>() {
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
    known.len() == word.len() && known.bytes().zip(word.bytes()).all(|(a, b)| a == fold(b))
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

/// Every closed list whose values are numbers of an enumeration.
pub const ALL: [&List; 9] = [
    &CERTIFICATION_STATUS,
    &ACTIVITY_STATUS,
    &LICENSE_TYPE,
    &LICENSE_STATUS,
    &CREATOR_ROLE,
    &ORIGINATING_OPERATION,
    &UNIT_OF_MEASUREMENT,
    &PROCEDURE,
    &OPERATION_TYPE,
];

/// The list of that name.
pub fn list(name: &str) -> Option<&'static List> {
    ALL.into_iter().find(|list| list.name == name)
}

#[cfg(test)]
mod tests;
