//! The node behind the standard's API.

use std::sync::Arc;

use rmd_api::{
    Backend, Cause, Credential, Denied, Fault, Listed, LotFilter, LotSums, Name, Query, Scope,
    StatusCount, Verb, Written,
};
use rmd_standard::{Context, Entity, National, Record, Valid, icglr::Usage};

use super::{Error, Place, intake, list, store::Store, sums, terms, token::Tokens};

/// Records of one name that are told apart at most; more of them are as ambiguous.
const NAMESAKES_MAX: u32 = 100;

/// The records of a node. A handle: clones share everything.
#[derive(Debug, Clone)]
pub(super) struct Node {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    intake: intake::Handle,
    tokens: Tokens,
    place: Place,
    usage: Usage,
}

impl Node {
    pub(super) fn new(store: Store, intake: intake::Handle, place: Place, usage: Usage) -> Self {
        let tokens = Tokens::new(store.clone());
        Self { inner: Arc::new(Inner { store, intake, tokens, place, usage }) }
    }
}

impl Backend for Node {
    fn writes(&self) -> bool {
        true
    }

    fn context(&self) -> Context {
        self.inner.place.context(&self.inner.store)
    }

    fn usage(&self) -> Usage {
        self.inner.usage
    }

    async fn authorise(&self, credential: Option<&Credential>, scope: Scope) -> Result<(), Denied> {
        let credential = credential.ok_or(Denied::Missing)?;
        self.inner.tokens.check(credential.secret(), scope).await
    }

    async fn list(&self, query: &Query) -> Result<Listed, Fault> {
        let asked = terms::asked(query, &self.inner.place.country);
        let page = list::page(&self.inner.store, &asked, query.offset(), query.limit).await;
        let (records, total) = page.map_err(fault)?;
        Ok(Listed { records, total })
    }

    async fn get(&self, name: &Name) -> Result<Vec<Record>, Fault> {
        let store = &self.inner.store;
        let asked = match name {
            Name::MineSite { key } => {
                let record = list::of_key(store, Entity::MineSite, key).await.map_err(fault)?;
                return Ok(record.into_iter().collect());
            }
            Name::ExportCertificate { identifier, .. } => {
                terms::named(Entity::ExportCertificate, "identifier", identifier)
            }
            Name::Lot { number, .. } => terms::named(Entity::Lot, "number", number),
        };
        let (mut records, _) = list::page(store, &asked, 0, NAMESAKES_MAX).await.map_err(fault)?;
        records.retain(|record| is_named(record, name));
        Ok(records)
    }

    async fn write(&self, verb: Verb, record: Valid<Record, National>) -> Result<Written, Fault> {
        self.inner.intake.write(verb, record).await
    }

    async fn count_by_status(&self, country: Option<&str>) -> Result<Vec<StatusCount>, Fault> {
        let own = &self.inner.place.country;
        if country.is_some_and(|country| !country.eq_ignore_ascii_case(own)) {
            return Ok(Vec::new());
        }
        sums::by_status(&self.inner.store).await.map_err(fault)
    }

    async fn lot_sums(&self, filter: &LotFilter) -> Result<LotSums, Fault> {
        sums::of_lots(&self.inner.store, filter).await.map_err(fault)
    }
}

/// Whether a record that was found by its folded name has that very name.
fn is_named(record: &Record, name: &Name) -> bool {
    match (record, name) {
        (Record::ExportCertificate(found), Name::ExportCertificate { country, identifier }) => {
            found.issuing_country == *country && found.identifier == *identifier
        }
        (Record::Lot(found), Name::Lot { number, country, creator }) => {
            let made_by = found.creator.as_ref().map_or("", |made_by| made_by.identifier.as_str());
            found.lot_number == *number
                && country.as_ref().is_none_or(|country| found.country == *country)
                && creator.as_ref().is_none_or(|creator| made_by == creator)
        }
        _ => false,
    }
}

fn fault(error: Error) -> Fault {
    match error {
        Error::Store(_) => Fault::Unavailable(Cause::from(error)),
        _ => Fault::Internal(Cause::from(error)),
    }
}
