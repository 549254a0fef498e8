//! What a lot is in the standard's JSON: as the hub's own REST API gives it.

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use hyper::{Method, StatusCode};

use super::float;
use crate::rest::{Connection, Target};

/// Pages that are asked for, over all lots, and lots of a page.
const PAGES: u64 = 20;
const PAGE: u64 = 100;

/// The mean over some pages of each lot's own JSON, without the page around it.
pub(super) async fn bytes_of_a_lot(api: &Target) -> Result<f64> {
    let mut connection = Connection::open(api).await?;
    let (mut bytes, mut lots) = (0, 0);
    let mut pages = 1;
    for number in 0..PAGES {
        let page = 1 + number * pages / PAGES;
        let path = format!("/lots?page={page}&limit={PAGE}");
        let answer = connection.send(Method::GET, &path, Bytes::new()).await?;
        ensure!(answer.status == StatusCode::OK, "{path}: {}: {:?}", answer.status, answer.body);
        let json = answer.json()?;
        let total = json["pagination"]["total"].as_u64().context("read the total")?;
        pages = total.div_ceil(PAGE);
        for lot in json["data"].as_array().context("read the list")? {
            bytes += serde_json::to_string(lot)?.len() as u64;
            lots += 1;
        }
    }
    ensure!(lots > 0, "the hub lists no lots");
    Ok(float(bytes) / float(lots))
}
