//! Who gets in, and what is counted.

use std::collections::BTreeSet;

use rmd_api::{Backend as _, Collection, Credential, Denied, Query, Scope};

use super::{Region, every, lots};
use crate::{
    api::{
        caller,
        key::{self, Error, Key, NewKey, Secret, State},
    },
    store::testing::on_each_store,
};

const LOTS: Scope = Scope::read(Collection::Lots);
const SITES: Scope = Scope::read(Collection::MineSites);

async fn create(region: &Region, new: &NewKey<'_>) -> Result<(Key, Secret), Error> {
    let mut transaction = region.store.begin().await.unwrap();
    let made = key::create(&mut transaction, new, region.api.clock.now()).await;
    transaction.commit().await.unwrap();
    made
}

async fn create_for_lots(region: &Region, name: &str, countries: &[&str]) -> Secret {
    let countries: Vec<String> = countries.iter().map(|country| (*country).to_owned()).collect();
    let new = NewKey {
        name,
        scopes: &BTreeSet::from([LOTS]),
        countries: &countries,
        created_by: "Officer",
        expires_on: Some(jiff::civil::date(2018, 1, 3)),
    };
    create(region, &new).await.unwrap().1
}

/// What one request gets that asks for all lots.
async fn ask(
    region: &Region,
    credential: Option<&Credential>,
    scope: Scope,
) -> Result<u64, Denied> {
    caller::in_request(async {
        region.api.authorise(credential, scope).await?;
        Ok(region.api.list(&every(Collection::Lots)).await.unwrap().total)
    })
    .await
}

fn bearer(secret: &Secret) -> Credential {
    Credential::Bearer(secret.expose().to_owned())
}

#[tokio::test]
async fn a_key_opens_what_it_was_made_for_and_nothing_else() {
    on_each_store(async |store| {
        let mut region = Region::make(store).await;
        region.land_all(&lots(30)).await;
        let all = create_for_lots(&region, "all", &[]).await;
        let own = create_for_lots(&region, "own", &["RWA", "KEN"]).await;
        assert_eq!(ask(&region, Some(&bearer(&all)), LOTS).await.unwrap(), 30);
        let as_header = Credential::Key(own.expose().to_owned());
        assert_eq!(ask(&region, Some(&as_header), LOTS).await.unwrap(), 10);
        let of_others = Query { country: Some("CD".into()), ..every(Collection::Lots) };
        let listed = caller::in_request(async {
            region.api.authorise(Some(&as_header), LOTS).await.unwrap();
            region.api.list(&of_others).await.unwrap()
        });
        assert_eq!(listed.await.total, 0);
        for scope in [SITES, Scope::write(Collection::Lots)] {
            let denied = ask(&region, Some(&bearer(&all)), scope).await.unwrap_err();
            assert!(matches!(denied, Denied::Forbidden(of) if of == scope), "{denied}");
        }
        assert!(matches!(ask(&region, None, LOTS).await, Err(Denied::Missing)));
        let stranger = bearer(&Secret::generate());
        let cut = Credential::Bearer(all.expose()[..20].to_owned());
        for unknown in [stranger, cut, Credential::Key(String::new())] {
            let denied = ask(&region, Some(&unknown), LOTS).await.unwrap_err();
            assert!(matches!(denied, Denied::Invalid));
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_is_given_to_nobody() {
    on_each_store(async |store| {
        let mut region = Region::make(store).await;
        region.land_all(&lots(3)).await;
        assert!(region.api.list(&every(Collection::Lots)).await.is_err());
        let unasked = caller::in_request(async { region.api.list(&every(Collection::Lots)).await });
        assert!(unasked.await.is_err());
        let secret = create_for_lots(&region, "lots", &[]).await;
        let other = caller::in_request(async {
            region.api.authorise(Some(&bearer(&secret)), LOTS).await.unwrap();
            region.api.list(&every(Collection::MineSites)).await
        });
        assert!(other.await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_key_ends_with_its_last_day_or_with_its_revocation() {
    on_each_store(async |store| {
        let region = Region::make(store).await;
        let secret = bearer(&create_for_lots(&region, "passing", &[]).await);
        let revoked = bearer(&create_for_lots(&region, "revoked", &[]).await);
        assert!(ask(&region, Some(&revoked), LOTS).await.is_ok());
        let mut connection = region.store.acquire().await.unwrap();
        let now = region.api.clock.now();
        key::revoke(&mut connection, "revoked", now).await.unwrap();
        drop(connection);
        assert!(matches!(ask(&region, Some(&revoked), LOTS).await, Err(Denied::Invalid)));
        // The last day ends at midnight of UTC+2.
        region.clock.set("2018-01-03T21:59:59Z".parse().unwrap());
        assert!(ask(&region, Some(&secret), LOTS).await.is_ok());
        region.clock.set("2018-01-03T22:00:00Z".parse().unwrap());
        assert!(matches!(ask(&region, Some(&secret), LOTS).await, Err(Denied::Invalid)));
        let mut connection = region.store.acquire().await.unwrap();
        let keys = key::all(&mut connection, region.api.clock.now()).await.unwrap();
        let states: Vec<State> = keys.iter().map(|key| key.state).collect();
        assert_eq!(states, [State::Expired, State::Revoked]);
    })
    .await;
}

#[tokio::test]
async fn a_key_that_cannot_be_meant_is_refused_in_both_languages() {
    on_each_store(async |store| {
        let region = Region::make(store).await;
        create_for_lots(&region, "taken", &[]).await;
        let scopes = BTreeSet::from([LOTS]);
        let congo = ["COD".to_owned()];
        let france = ["FRA".to_owned()];
        let plain = |name| NewKey {
            name,
            scopes: &scopes,
            countries: &congo,
            created_by: "Officer",
            expires_on: None,
        };
        let refused = async |new: NewKey<'_>| create(&region, &new).await.unwrap_err();
        let yesterday = Some(jiff::civil::date(2017, 12, 31));
        assert!(matches!(refused(plain("a b")).await, Error::NameInvalid(_)));
        assert!(matches!(refused(plain("")).await, Error::NameInvalid(_)));
        assert!(matches!(refused(plain("taken")).await, Error::NameTaken(_)));
        let over = refused(NewKey { expires_on: yesterday, ..plain("k") }).await;
        assert!(matches!(over, Error::Expired(_)));
        let abroad = refused(NewKey { countries: &france, ..plain("k") }).await.to_string();
        assert!(abroad.contains("no member state") && abroad.contains("pas un État membre"));
    })
    .await;
}

#[tokio::test]
async fn the_store_has_no_key_and_knows_what_was_read_with_each() {
    on_each_store(async |store| {
        let mut region = Region::make(store).await;
        region.land_all(&lots(15)).await;
        let secret = create_for_lots(&region, "counted", &[]).await;
        for _ in 0..3 {
            ask(&region, Some(&bearer(&secret)), LOTS).await.unwrap();
        }
        let read = async || {
            let mut connection = region.store.acquire().await.unwrap();
            key::all(&mut connection, region.api.clock.now()).await.unwrap().remove(0)
        };
        assert_eq!(read().await.last_used_us, None, "a request writes nothing");
        region.api.usage.flush(&region.store).await.unwrap();
        let key = read().await;
        assert_eq!((key.requests, key.records), (3, 45));
        assert_eq!(key.last_used_us, Some(region.api.clock.now().as_microsecond()));
        region.api.usage.flush(&region.store).await.unwrap();
        assert_eq!(read().await.requests, 3);
        let columns = "SELECT COUNT(*) FROM api_key WHERE name = $1 OR scopes = $1 \
                       OR CAST(key_sha256 AS TEXT) = $1";
        let row = sqlx::query(columns).bind(secret.expose());
        let mut connection = region.store.acquire().await.unwrap();
        let row = row.fetch_one(&mut *connection).await.unwrap();
        assert_eq!(sqlx::Row::get::<i64, _>(&row, 0), 0);
    })
    .await;
}
