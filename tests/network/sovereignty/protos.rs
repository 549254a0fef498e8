//! What is national, as the text of the protocol says it.
//!
//! Reads the comments of the .proto files and nothing of the code under test:
//! a field that is national there and not in the code is found.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result, ensure};

/// The files that define records; the others define the protocol.
const FILES: [&str; 5] = ["declaration", "lot", "mine_site", "party", "trade"];

/// One field of a message.
#[derive(Debug, Clone)]
struct Field {
    name: String,
    type_name: String,
    is_repeated: bool,
    is_national: bool,
}

/// One national field of a record type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct National {
    /// The list that holds it, if one does.
    pub(super) list: Option<String>,
    /// Its path within the record, or within an element of the list.
    pub(super) path: String,
}

impl National {
    /// Its path in the first element of the list, as a withheld field is named.
    pub(super) fn whole(&self) -> String {
        match &self.list {
            Some(list) => format!("{list}[0].{}", self.path),
            None => self.path.clone(),
        }
    }
}

/// The messages of the protocol.
#[derive(Debug)]
pub(super) struct Protos {
    messages: BTreeMap<String, Vec<Field>>,
}

impl Protos {
    /// Reads the files of this repository.
    pub(super) fn read() -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto/rmd/v1");
        let mut messages = BTreeMap::new();
        for file in FILES {
            let path = folder.join(format!("{file}.proto"));
            let text =
                fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
            parse(&text, &mut messages);
        }
        Ok(Self { messages })
    }

    /// The national fields of a record type, in the order of the files.
    pub(super) fn national(&self, entity: &str) -> Result<Vec<National>> {
        ensure!(self.messages.contains_key(entity), "no message {entity}");
        let mut found = Vec::new();
        self.walk(entity, (None, ""), false, &mut found)?;
        Ok(found)
    }

    /// The record types: messages with paths of fields that the owner keeps back.
    pub(super) fn entities(&self) -> Vec<&str> {
        let has_withheld = |fields: &&Vec<Field>| fields.iter().any(|one| one.name == "withheld");
        let all = self.messages.iter().filter(|(_, fields)| has_withheld(fields));
        all.map(|(name, _)| name.as_str()).collect()
    }

    fn walk(
        &self,
        message: &str,
        (list, path): (Option<&str>, &str),
        all: bool,
        found: &mut Vec<National>,
    ) -> Result<()> {
        for field in &self.messages[message] {
            let is_national = all || field.is_national;
            if !self.messages.contains_key(&field.type_name) {
                let path = format!("{path}{}", field.name);
                let national = National { list: list.map(str::to_owned), path };
                found.extend(is_national.then_some(national));
            } else if field.is_repeated {
                ensure!(list.is_none() && path.is_empty(), "a list within {message}");
                self.walk(&field.type_name, (Some(&field.name), ""), is_national, found)?;
            } else {
                let path = format!("{path}{}.", field.name);
                self.walk(&field.type_name, (list, &path), is_national, found)?;
            }
        }
        Ok(())
    }
}

fn parse(text: &str, messages: &mut BTreeMap<String, Vec<Field>>) {
    let (mut open, mut comment, mut all) = (None, String::new(), false);
    for line in text.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("//") {
            comment.push_str(words);
            continue;
        }
        let said = std::mem::take(&mut comment);
        if let Some(name) = line.strip_prefix("message ") {
            open = Some(name.trim_end_matches([' ', '{']).to_owned());
            all = said.contains("Every field is national");
        } else if line == "}" {
            open = None;
        } else if let (Some(message), Some(field)) = (&open, field(line)) {
            let is_national = all || said.contains("; national.");
            messages.entry(message.clone()).or_default().push(Field { is_national, ..field });
        }
    }
}

/// `repeated string name = 2;`
fn field(line: &str) -> Option<Field> {
    let (head, _) = line.split_once(" = ")?;
    let mut words: Vec<&str> = head.split_whitespace().collect();
    let is_repeated = words.first() == Some(&"repeated");
    words.retain(|word| !matches!(*word, "repeated" | "optional"));
    let [type_name, name] = words.as_slice() else { return None };
    let (type_name, name) = ((*type_name).to_owned(), (*name).to_owned());
    Some(Field { name, type_name, is_repeated, is_national: false })
}

#[test]
fn national_fields_are_read_out_of_the_comments() {
    let protos = Protos::read().unwrap();
    let paths = |entity: &str| -> Vec<String> {
        protos.national(entity).unwrap().iter().map(National::whole).collect()
    };
    assert_eq!(protos.entities().len(), 11);
    assert_eq!(paths("Audit"), ["lead_auditor_name"]);
    assert_eq!(paths("StockDeclaration"), Vec::<String>::new());
    let site = paths("MineSite");
    for path in [
        "owner.tin",
        "license[0].owner.contact_details.contact_email",
        "operator[0].contact_details.contact_phone_number",
        "inspection[0].government_id",
        "extension[0].json",
    ] {
        assert!(site.iter().any(|known| known == path), "{path} is not in {site:?}");
    }
    assert!(!site.iter().any(|path| path.contains("cadaster")), "{site:?}");
}
