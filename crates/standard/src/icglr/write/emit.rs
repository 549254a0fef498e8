//! Names, texts and numbers into the bytes.

use super::{Member, Part, Plan, Usage, Writer};
use crate::icglr::name;

impl Writer<'_> {
    /// The integer that we store, under its own name.
    pub(super) fn raw(&mut self, member: &Member, value: i64) {
        self.name(&name::raw(member.spec.name));
        self.signed(value);
    }

    /// Attributes of a national usage, at their place.
    pub(super) fn extras(&mut self, plan: &Plan, part: &mut dyn Part) {
        let extras = std::mem::take(&mut self.extras);
        for (name, json) in extras.at(&self.path) {
            // What the tables write is not written twice.
            let is_free = plan.target(name).is_none_or(|target| {
                part.value(target.member).is_absent()
                    && !self.is_withheld(&plan.members[target.member].name)
            });
            if is_free {
                self.name(name);
                self.json(json);
            }
        }
        self.extras = extras;
    }

    pub(super) fn key(&mut self, member: &Member) {
        self.comma();
        self.out.extend_from_slice(&member.key);
    }

    /// The key of a text, some of which have a name of their own in Rwanda.
    pub(super) fn renamed_key(&mut self, member: &Member) {
        if self.usage == Usage::Rwanda && member.spec.name == "miner_name" {
            self.name("miner");
        } else {
            self.key(member);
        }
    }

    pub(super) fn name(&mut self, name: &str) {
        self.comma();
        self.string(name);
        self.out.push(b':');
    }

    fn comma(&mut self) {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
    }

    pub(super) fn string(&mut self, text: &str) {
        self.serialize(&text);
    }

    pub(super) fn strings<'s>(&mut self, texts: impl Iterator<Item = &'s str>) {
        self.out.push(b'[');
        for (index, text) in texts.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.string(text);
        }
        self.out.push(b']');
    }

    pub(super) fn integer(&mut self, value: u64) {
        self.serialize(&value);
    }

    pub(super) fn signed(&mut self, value: i64) {
        self.serialize(&value);
    }

    /// JSON text as it is kept; what is none becomes a string.
    pub(super) fn json(&mut self, text: &str) {
        if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
            self.out.extend_from_slice(text.as_bytes());
        } else {
            self.string(text);
        }
    }

    pub(super) fn serialize(&mut self, value: &impl serde::Serialize) {
        // Writing numbers, text and trees of JSON into memory cannot fail.
        let _ = serde_json::to_writer(&mut *self.out, value);
    }
}
