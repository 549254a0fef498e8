//! The fields of `Query` that give records.
//!
//! Left out of the standard's schema: `query`, which passes a text on to another
//! service, and all mutations.

use std::sync::Arc;

use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, TypeRef,
};
use rmd_standard::icglr;
use serde_json::{Value, json};

use super::{
    Caller,
    arguments::Arguments,
    enums::{
        self, ACTIVITY_STATUS, CERTIFICATION_STATUS, CREATOR_ROLE, MEMBER, ORIGINATING_OPERATION,
    },
    summaries,
};
use crate::{
    Backend, Collection, Name, Query, Scope,
    answer::problem::{Kind, Problem, internal},
    collection::{list, one},
    router::{Api, Shared},
};

/// The root type.
pub(super) fn query<B: Backend>() -> Object {
    let lists = Collection::ALL.into_iter().map(list_field::<B>);
    let ones = Collection::ALL.into_iter().map(one_field::<B>);
    let summaries = [summaries::lots::<B>(), summaries::statuses::<B>()];
    lists.chain(ones).chain(summaries).fold(Object::new("Query"), Object::field)
}

fn list_field<B: Backend>(collection: Collection) -> Field {
    let (name, connection) = match collection {
        Collection::MineSites => ("mineSites", "MineSiteConnection"),
        Collection::ExportCertificates => ("exportCertificates", "ExportCertificateConnection"),
        Collection::Lots => ("lots", "LotConnection"),
    };
    let field = Field::new(name, TypeRef::named_nn(connection), move |context| {
        FieldFuture::new(async move {
            let asked = Asked::<B>::of(&context)?;
            let page = page(&asked, collection, &Arguments(&context.args)).await;
            page.map(|page| Some(FieldValue::owned_any(page)))
                .map_err(|problem| asked.caller.report(problem))
        })
    });
    let int = |name, default: i32| {
        InputValue::new(name, TypeRef::named(TypeRef::INT)).default_value(default)
    };
    list_arguments(collection)
        .iter()
        .fold(field, |field, (name, kind)| {
            field.argument(InputValue::new(*name, TypeRef::named(*kind)))
        })
        .argument(int("page", 1))
        .argument(int("limit", 20))
}

/// The filters of a list and their types; `country` and `creatorIdentifier` of lots are ours.
const fn list_arguments(collection: Collection) -> &'static [(&'static str, &'static str)] {
    match collection {
        Collection::MineSites => &[
            ("addressCountry", MEMBER),
            ("certificationStatus", CERTIFICATION_STATUS.name),
            ("activityStatus", ACTIVITY_STATUS.name),
            ("mineral", TypeRef::STRING),
        ],
        Collection::ExportCertificates => &[
            ("issuingCountry", MEMBER),
            ("identifier", TypeRef::STRING),
            ("lotNumber", TypeRef::STRING),
            ("typeOfOre", TypeRef::STRING),
            ("dateOfIssuanceFrom", "Date"),
            ("dateOfIssuanceTo", "Date"),
        ],
        Collection::Lots => &[
            ("mineSiteId", TypeRef::STRING),
            ("mineral", TypeRef::STRING),
            ("creatorRole", CREATOR_ROLE.name),
            ("originatingOperation", ORIGINATING_OPERATION.name),
            ("lotNumber", TypeRef::STRING),
            ("timestampFrom", "DateTime"),
            ("timestampTo", "DateTime"),
            ("country", MEMBER),
            ("creatorIdentifier", TypeRef::STRING),
        ],
    }
}

fn one_field<B: Backend>(collection: Collection) -> Field {
    let name = match collection {
        Collection::MineSites => "mineSite",
        Collection::ExportCertificates => "exportCertificate",
        Collection::Lots => "lot",
    };
    let field = Field::new(name, TypeRef::named(collection.entity().name()), move |context| {
        FieldFuture::new(async move {
            let asked = Asked::<B>::of(&context)?;
            let record = record(&asked, collection, &Arguments(&context.args)).await;
            let record = record.map_err(|problem| asked.caller.report(problem))?;
            Ok(record.map(FieldValue::owned_any))
        })
    });
    let needed = |name, kind: &str| InputValue::new(name, TypeRef::named_nn(kind));
    match collection {
        Collection::MineSites => field.argument(needed("icglrId", TypeRef::ID)),
        Collection::ExportCertificates => field
            .argument(needed("identifier", TypeRef::STRING))
            .argument(needed("issuingCountry", MEMBER)),
        Collection::Lots => field
            .argument(needed("lotNumber", TypeRef::ID))
            .argument(InputValue::new("country", TypeRef::named(MEMBER)))
            .argument(InputValue::new("creatorIdentifier", TypeRef::named(TypeRef::STRING))),
    }
}

/// What a resolver finds in the data of its request.
pub(super) struct Asked<'a, B> {
    pub(super) api: &'a Api<B>,
    pub(super) caller: &'a Caller,
}

impl<'a, B: Backend> Asked<'a, B> {
    pub(super) fn of(context: &ResolverContext<'a>) -> async_graphql::Result<Self> {
        let api: &Shared<B> = context.ctx.data()?;
        let caller: &Arc<Caller> = context.ctx.data()?;
        Ok(Self { api, caller })
    }
}

async fn page<B: Backend>(
    asked: &Asked<'_, B>,
    collection: Collection,
    arguments: &Arguments<'_>,
) -> Result<Value, Problem> {
    let query = read(collection, arguments)?;
    asked.caller.admit(asked.api, Scope::read(collection)).await?;
    let listed = asked.api.backend.list(&query).await?;
    let (usage, zone) = (asked.api.backend.usage(), asked.api.backend.context().zone);
    let data: Vec<Value> =
        listed.records.iter().map(|record| icglr::write(record, usage, &zone)).collect();
    Ok(json!({ "data": data, "pagination": list::pagination(&query, listed.total) }))
}

fn read(collection: Collection, given: &Arguments<'_>) -> Result<Query, Problem> {
    let mut query = Query::of(collection);
    match collection {
        Collection::MineSites => {
            query.country = given.text("addressCountry")?;
            query.certification_status =
                given.code("certificationStatus", &enums::CERTIFICATION_STATUS)?;
            query.activity_status = given.code("activityStatus", &enums::ACTIVITY_STATUS)?;
            query.mineral = given.mineral("mineral")?;
        }
        Collection::ExportCertificates => {
            query.country = given.text("issuingCountry")?;
            query.identifier = given.text("identifier")?;
            query.lot_number = given.text("lotNumber")?;
            query.mineral = given.mineral("typeOfOre")?;
            query.issued_from = given.day("dateOfIssuanceFrom")?;
            query.issued_to = given.day("dateOfIssuanceTo")?;
        }
        Collection::Lots => {
            query.mine_site = given.site("mineSiteId")?;
            query.mineral = given.mineral("mineral")?;
            query.creator_role = given.code("creatorRole", &enums::CREATOR_ROLE)?;
            query.originating_operation =
                given.code("originatingOperation", &enums::ORIGINATING_OPERATION)?;
            query.lot_number = given.text("lotNumber")?;
            query.country = given.text("country")?;
            query.creator_identifier = given.text("creatorIdentifier")?;
            let from = given.instant("timestampFrom")?;
            query.registered_from_us = from.map(jiff::Timestamp::as_microsecond);
            // The last instant is included, the bound of a query is not.
            let to = given.instant("timestampTo")?;
            query.registered_before_us = to.map(|to| to.as_microsecond().saturating_add(1));
        }
    }
    (query.page, query.limit) = given.page()?;
    Ok(query)
}

async fn record<B: Backend>(
    asked: &Asked<'_, B>,
    collection: Collection,
    arguments: &Arguments<'_>,
) -> Result<Option<Value>, Problem> {
    let name = name(collection, arguments)?;
    asked.caller.admit(asked.api, Scope::read(collection)).await?;
    let record = match one::find(&asked.api.backend, &name, collection).await {
        Err(problem) if problem.kind() == Kind::NotFound => return Ok(None),
        found => found?,
    };
    let zone = asked.api.backend.context().zone;
    Ok(Some(icglr::write(&record, asked.api.backend.usage(), &zone)))
}

fn name(collection: Collection, given: &Arguments<'_>) -> Result<Name, Problem> {
    // The schema makes these arguments mandatory, so they are there.
    let needed = |value: Option<String>| value.ok_or_else(internal);
    Ok(match collection {
        Collection::MineSites => Name::MineSite { key: needed(given.site("icglrId")?)? },
        Collection::ExportCertificates => Name::ExportCertificate {
            country: needed(given.text("issuingCountry")?)?,
            identifier: needed(given.text("identifier")?)?,
        },
        Collection::Lots => Name::Lot {
            number: needed(given.text("lotNumber")?)?,
            country: given.text("country")?,
            creator: given.text("creatorIdentifier")?,
        },
    })
}
