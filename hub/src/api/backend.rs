//! The regional view behind the standard's API.
//!
//! Reads only, and only what a state released, what is live, and what the key of
//! the request may see. Refuses every scope to write.

use std::sync::Arc;

use rmd_api::{
    Access, Backend, Collection, Credential, Denied, Fault, Listed, LotFilter, LotSums, Name,
    Query, Scope, StatusCount, Verb, Written,
};
use rmd_standard::{Context, National, Record, Valid, icglr::Usage};

use super::{
    Api,
    caller::{self, Caller, NoCaller},
    key::{self, State},
    list, record, sums,
};
use crate::store::Error;

impl From<NoCaller> for Fault {
    fn from(error: NoCaller) -> Self {
        Self::Internal(Box::new(error))
    }
}

/// The store's own contradictions are faults; all else may pass.
fn fault(error: Error) -> Fault {
    match error {
        Error::Inconsistent { .. } => Fault::Internal(Box::new(error)),
        error => Fault::Unavailable(Box::new(error)),
    }
}

impl Api {
    /// The caller behind a credential, looked up at each request.
    async fn caller(&self, credential: Option<&Credential>) -> Result<Arc<Caller>, Denied> {
        if let Some(caller) = caller::known() {
            return Ok(caller);
        }
        let secret = credential.ok_or(Denied::Missing)?.secret();
        let unavailable = |error: Error| Denied::Unavailable(Box::new(error));
        let now = self.clock.now();
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let key = key::of_secret(&mut connection, secret, now).await.map_err(unavailable)?;
        let key = key.filter(|key| key.state == State::Active).ok_or(Denied::Invalid)?;
        self.usage.add_request(&key.name, now);
        let caller = Caller {
            name: key.name,
            scopes: key.scopes,
            countries: key.countries.into_iter().collect(),
        };
        caller::note(Arc::new(caller)).map_err(|error| Denied::Unavailable(Box::new(error)))
    }
}

impl Backend for Api {
    fn writes(&self) -> bool {
        false
    }

    fn context(&self) -> Context {
        // No state is the hub's own; days are counted in UTC+2 in all of them.
        Context {
            country: String::new(),
            today: self.clock.today(),
            zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(2)),
        }
    }

    fn usage(&self) -> Usage {
        Usage::Icglr
    }

    async fn authorise(&self, credential: Option<&Credential>, scope: Scope) -> Result<(), Denied> {
        let caller = self.caller(credential).await?;
        let is_cleared = scope.access == Access::Read && caller.may(scope);
        if is_cleared { Ok(()) } else { Err(Denied::Forbidden(scope)) }
    }

    async fn list(&self, query: &Query) -> Result<Listed, Fault> {
        let caller = caller::cleared(query.collection)?;
        let listed = list::list(self, &caller, query).await.map_err(fault)?;
        self.usage.add_records(&caller.name, listed.records.len());
        Ok(listed)
    }

    async fn get(&self, name: &Name) -> Result<Vec<Record>, Fault> {
        let caller = caller::cleared(record::collection(name))?;
        let mut connection = self.store.acquire().await.map_err(fault)?;
        let records = record::of_name(&mut connection, &caller, name).await.map_err(fault)?;
        self.usage.add_records(&caller.name, records.len());
        Ok(records)
    }

    async fn write(&self, _: Verb, _: Valid<Record, National>) -> Result<Written, Fault> {
        Err(Fault::Internal("the hub takes no record over HTTP".into()))
    }

    async fn count_by_status(&self, country: Option<&str>) -> Result<Vec<StatusCount>, Fault> {
        let caller = caller::cleared(Collection::MineSites)?;
        sums::by_status(self, &caller, country).await.map_err(fault)
    }

    async fn lot_sums(&self, filter: &LotFilter) -> Result<LotSums, Fault> {
        let caller = caller::cleared(Collection::Lots)?;
        sums::of_lots(self, &caller, filter).await.map_err(fault)
    }
}
