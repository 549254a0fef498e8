//! What an entry of the feed of answers says. Pure.
//!
//! A node keeps to these bounds by itself; another program with its key may not. So nothing
//! is shown to an officer that could steer a terminal, fills a page by itself, or says
//! nothing and would count as an answer. Messages tell which field, never what is in it:
//! an answer may speak of persons.

use prost::Message as _;
use rmd_feed::{Body, StoredEntry};
use rmd_proto::v1::{self, EntryHeader, Op};
use rmd_runtime::output;
use rmd_standard::{Finding, Severity};

use crate::{
    cases::{NUMBER_DIGITS, REPLY},
    erase::Order,
};

/// The rule of all findings here.
const RULE: &str = "HUB-ANSWER";

/// Characters of an answer, and of a name; the node keeps to the same.
const TEXT_CHARS_MAX: usize = 4_000;
const NAME_CHARS_MAX: usize = 200;

/// Documents of an answer.
const ATTACHMENTS_MAX: usize = 32;

/// Bytes of a SHA-256.
const DIGEST_BYTES: usize = 32;

/// Answers to a case, which are numbered from 1; the node keeps to the same. None is
/// replaced, so a case stays a page that an officer can read.
const TO_ONE_CASE_MAX: u32 = 100;

/// What an entry says.
pub(super) enum Said {
    Answer(v1::CaseReply),
    Erased(Order),
}

/// Why it says nothing here.
pub(super) enum Unread {
    /// It is no answer.
    Answer(Box<Finding>),
    /// It is of another type, of a later version perhaps.
    Other,
}

/// What an entry says.
pub(super) fn read(entry: &StoredEntry) -> Result<Said, Unread> {
    let header = &entry.header;
    if header.entity != REPLY {
        return Err(Unread::Other);
    }
    let refuse = |field, seen: String, en: &str, fr: &str| {
        Unread::Answer(Box::new(finding(header, (field, &seen), (en, fr))))
    };
    let Some(case_id) = case_of(&header.key) else {
        return Err(refuse(
            "key",
            format!("{} bytes", header.key.len()),
            "expected the number of the case, a slash and the number of the answer, 1 to 100",
            "attendu : numéro du dossier, barre oblique, numéro de la réponse, de 1 à 100",
        ));
    };
    match (entry.op(), &entry.body) {
        (Op::Erase, _) => {
            let message = rmd_feed::erase::read(entry).map_err(|defect| {
                let (en, fr) = ("write the order again", "réécrivez l'ordre");
                refuse(defect.field, defect.seen.clone(), en, fr)
            })?;
            let (entity, record_key) = (header.entity.clone(), header.key.clone());
            Ok(Said::Erased(Order { entity, record_key, seq: header.seq, message }))
        }
        (Op::Upsert, _) if header.rev != 1 => Err(refuse(
            "rev",
            header.rev.to_string(),
            "an answer is never replaced; give another one",
            "une réponse n'est jamais remplacée ; donnez-en une autre",
        )),
        // Erased before it came: that something was said stays.
        (Op::Upsert, Body::Erased) => {
            let case_id = case_id.to_owned();
            let replied_at_us = header.captured_at_us;
            Ok(Said::Answer(v1::CaseReply { case_id, replied_at_us, ..v1::CaseReply::default() }))
        }
        (Op::Upsert, Body::Released { payload, .. }) => {
            let reply = v1::CaseReply::decode(payload.as_slice()).map_err(|error| {
                let (en, fr) = ("the bytes are no answer", "les octets ne sont pas une réponse");
                refuse("payload", error.to_string(), en, fr)
            })?;
            defect(&reply, case_id).map_or(Ok(Said::Answer(reply)), |(field, seen, en, fr)| {
                Err(refuse(field, seen, en, fr))
            })
        }
        (op, _) => Err(refuse(
            "op",
            op.as_str_name().to_owned(),
            "an answer is given or erased",
            "une réponse est donnée ou effacée",
        )),
    }
}

/// The case that a key names.
fn case_of(key: &str) -> Option<&str> {
    let (case_id, number) = key.rsplit_once('/')?;
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let is_case = case_id.len() == NUMBER_DIGITS && case_id.bytes().all(is_hex);
    let is_number = number.parse().is_ok_and(|count: u32| {
        (1..=TO_ONE_CASE_MAX).contains(&count) && count.to_string() == number
    });
    (is_case && is_number).then_some(case_id)
}

/// Field, what was seen there, and what is expected.
type Defect = (&'static str, String, &'static str, &'static str);

fn defect(reply: &v1::CaseReply, case_id: &str) -> Option<Defect> {
    let text = ("1 to 4000 characters that can be shown", "1 à 4000 caractères affichables");
    let name = ("1 to 200 characters on one line", "1 à 200 caractères sur une ligne");
    let characters = |text: &str| format!("{} characters", text.chars().count());
    if reply.case_id != case_id {
        let (en, fr) = ("the case of the key", "le dossier de la clé");
        return Some(("case_id", "another case".to_owned(), en, fr));
    }
    if !is_text(&reply.text) {
        return Some(("text", characters(&reply.text), text.0, text.1));
    }
    if !is_name(&reply.replied_by) {
        return Some(("replied_by", characters(&reply.replied_by), name.0, name.1));
    }
    if reply.attachment.len() > ATTACHMENTS_MAX {
        let (seen, en, fr) = (reply.attachment.len().to_string(), "at most 32", "32 au plus");
        return Some(("attachment", seen, en, fr));
    }
    reply.attachment.iter().find_map(|one| {
        if !is_name(&one.name) {
            return Some(("attachment.name", characters(&one.name), name.0, name.1));
        }
        if one.sha256.len() != DIGEST_BYTES {
            let seen = format!("{} bytes", one.sha256.len());
            return Some(("attachment.sha256", seen, "32 bytes", "32 octets"));
        }
        // A hash of nothing names no document.
        (one.bytes == 0).then(|| {
            let (en, fr) = ("the size of the document", "la taille du document");
            ("attachment.bytes", "0".to_owned(), en, fr)
        })
    })
}

fn is_text(text: &str) -> bool {
    is_said(text, TEXT_CHARS_MAX) && output::is_harmless(&text.replace('\r', "\n"))
}

fn is_name(text: &str) -> bool {
    let is_one_line = !text.contains(['\n', '\t']);
    is_said(text, NAME_CHARS_MAX) && is_one_line && output::is_harmless(text)
}

fn is_said(text: &str, chars_max: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= chars_max
}

fn finding(header: &EntryHeader, (path, value): (&str, &str), (en, fr): (&str, &str)) -> Finding {
    // A key that is none may be anything.
    let key = case_of(&header.key).map_or("", |_| header.key.as_str());
    let text =
        |colon: &str, said: &str| format!("{REPLY} {key}, {path} ({value}){colon} {said} ({RULE})");
    Finding {
        rule: RULE.to_owned(),
        severity: Severity::Refuse,
        path: path.to_owned(),
        value: value.to_owned(),
        en: text(":", en),
        fr: text(" :", fr),
    }
}
