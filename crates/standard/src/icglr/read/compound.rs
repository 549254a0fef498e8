//! Members that embed others: entities, lists of entities, tags, phones,
//! polygons.

use serde_json::{Map, Value as Json};

use super::{At, Given, Member, Part, Plan, Reader, Role, Shape, Value, plans, rules, text_field};
use crate::{
    icglr::extension::path_of,
    model::{ELEMENTS_MAX, Items, Slot},
};

impl Reader<'_> {
    pub(super) fn part(&mut self, member: &Member, slot: &mut dyn Slot, value: &Json, at: &At) {
        let child = plans().child(member).expect("a part has a plan");
        let here = at.field(member);
        match value {
            Json::Object(map) => self.object(child, slot.ensure(), map, &here),
            // Older documents say where a place is in words.
            Json::String(text) if matches!(member.shape, Shape::Locality) => {
                let mut map = Map::new();
                map.insert("country".to_owned(), Json::from(self.country.as_str()));
                map.insert("addressLocalityText".to_owned(), Json::from(text.as_str()));
                self.object(child, slot.ensure(), &map, &here);
            }
            _ => return self.mistyped(member.spec, here.trail, value),
        }
        if child.code == "MD06" {
            self.whole_point(child, slot, &here);
        }
        // Attributes of a national usage tell themselves where they stand, and may be kept back.
        if !slot.is_present() {
            slot.clear();
        }
    }

    pub(super) fn list(&mut self, member: &Member, items: &mut dyn Items, value: &Json, at: &At) {
        match value {
            Json::Array(elements) => self.elements(member, items, elements, at),
            // One where the standard wants a list of one.
            Json::Object(_) => self.elements(member, items, std::slice::from_ref(value), at),
            Json::String(_) if matches!(member.shape, Shape::Inputs) => {
                self.elements(member, items, std::slice::from_ref(value), at);
            }
            _ => self.mistyped(member.spec, at.trail_of(member), value),
        }
    }

    fn elements(&mut self, member: &Member, items: &mut dyn Items, elements: &[Json], at: &At) {
        if items.len() + elements.len() > ELEMENTS_MAX {
            return self.fault(&rules::ELEMENTS, at.field(member).path, elements.len().to_string());
        }
        let child = plans().child(member).expect("a list has a plan");
        for element in elements {
            let here = at.element(member, items.len());
            items.push();
            if let Some(part) = items.get(items.len() - 1) {
                self.element(member, child, part, element, &here);
            }
        }
    }

    fn element(
        &mut self,
        member: &Member,
        child: &'static Plan,
        part: &mut dyn Part,
        element: &Json,
        here: &At,
    ) {
        let is_input = matches!(member.shape, Shape::Inputs);
        match element {
            Json::Object(map) => {
                self.object(child, part, map, here);
                if is_input {
                    creator_of_input(child, part, map);
                }
            }
            Json::String(_) if is_input => {
                let map = Map::from_iter([("lotNumber".to_owned(), element.clone())]);
                self.object(child, part, &map, here);
            }
            _ => self.mistyped(member.spec, here.trail, element),
        }
    }

    /// One tag or several, and those of `otherTag`.
    pub(super) fn tags(&mut self, member: &Member, field: Value<'_>, given: &Given<'_>, at: &At) {
        let Value::List(items) = field else { return };
        if let Some(value) = given.get(Role::Main) {
            self.list(member, items, value, at);
            if value.is_array() {
                self.tags_in_array = Some(items.len());
            }
        }
        if let Some(value) = given.get(Role::Other) {
            if given.get(Role::Main).is_none() {
                self.tags_in_array = Some(0);
            }
            self.list(member, items, value, at);
        }
    }

    /// One phone number or several, and those of `otherPhoneNumber`.
    pub(super) fn phones(
        &mut self,
        plan: &'static Plan,
        part: &mut dyn Part,
        index: usize,
        given: &Given<'_>,
        at: &At,
    ) {
        let member = &plan.members[index];
        let Value::Texts(texts) = part.value(index) else { return };
        let mut phones = Vec::new();
        for value in [Role::Main, Role::Other].into_iter().filter_map(|role| given.get(role)) {
            self.texts(member, &mut phones, value, at);
        }
        let is_withheld = phones == [crate::icglr::write::WITHHELD];
        if !is_withheld || !self.is_withheld(&at.field(member).path) {
            *texts = phones;
        }
    }

    pub(super) fn polygon(
        &mut self,
        plan: &'static Plan,
        part: &mut dyn Part,
        index: usize,
        given: &Given<'_>,
        at: &At,
    ) {
        let member = &plan.members[index];
        let Some(value) = given.get(Role::AsGiven).or(given.get(Role::Main)) else { return };
        let Some(field) = text_field(part, index) else { return };
        match value {
            Json::Object(_) => *field = value.to_string(),
            // Older documents carry the GeoJSON as a text.
            Json::String(text) => {
                let read = serde_json::from_str::<Json>(text);
                *field = read.map_or_else(|_| text.clone(), |json| json.to_string());
            }
            _ => return self.mistyped(member.spec, at.trail_of(member), value),
        }
        let strict = crate::icglr::write::strict_polygon(field);
        let written = given.get(Role::AsGiven).and(given.get(Role::Main));
        if written.is_some_and(|main| strict.as_ref() != Some(main)) {
            self.fault(&rules::TWICE, path_of(&at.path, "polygonAsGiven"), String::new());
        }
    }
}

/// A full lot names its creator as an entity; the reference keeps the identifier.
fn creator_of_input(plan: &Plan, part: &mut dyn Part, map: &Map<String, Json>) {
    let identifier = map.get("creator").and_then(|creator| creator.get("identifier"));
    let index = plan.index_of("creator_identifier");
    if let (Some(text), Some(index)) = (identifier.and_then(Json::as_str), index)
        && let Some(field) = text_field(part, index)
        && field.is_empty()
    {
        text.clone_into(field);
    }
}
