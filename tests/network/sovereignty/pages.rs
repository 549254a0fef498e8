//! What programs and pages show: command lines, portal, REST, GraphQL.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{
    post::{self, Answer},
    search::Search,
};

/// Pages of the portal that are visited.
const PAGES_MAX: usize = 500;

/// Fields within fields of a query.
const DEPTH_MAX: usize = 8;

/// The collections of the standard's REST API, and what names a record in each.
const COLLECTIONS: [(&str, &str); 3] =
    [("mine-sites", "icglrId"), ("lots", "lotNumber"), ("export-certificates", "identifier")];

/// The type with which GraphQL asks for what the types are.
const TYPES: &str = "{ __schema { types { name fields { name type { name kind ofType { name kind ofType { name kind ofType { name kind } } } } } } } }";

/// Looks at what a command prints, for people and for programs.
pub(super) fn command(
    search: &mut Search,
    kind: &str,
    (program, folder): (&Path, &Path),
    arguments: &[&str],
) -> Result<()> {
    for format in [&[][..], &["--json"]] {
        let output = Command::new(program)
            .args(arguments)
            .arg("--dir")
            .arg(folder)
            .args(format)
            .stdin(Stdio::null())
            .output()?;
        let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        ensure!(
            output.status.success() && !said.is_empty(),
            "{} {}: {}",
            program.display(),
            arguments.join(" "),
            String::from_utf8_lossy(&said)
        );
        search.look(kind, &arguments.join(" "), &said);
    }
    Ok(())
}

/// Follows every link of the portal from its first page.
pub(super) fn portal(search: &mut Search, address: &str) -> Result<()> {
    let mut waiting = VecDeque::from(["/".to_owned()]);
    let mut known = BTreeSet::from(["/".to_owned()]);
    while let Some(path) = waiting.pop_front() {
        let answer = post::request(address, "GET", &path, &[], &[])?;
        search.look("portal", &path, &answer.bytes);
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        for link in text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let link = link.replace("&amp;", "&").replace("&#38;", "&");
            let link = match link.as_bytes() {
                [b'/', ..] => link,
                [b'?', ..] => format!("{}{link}", path.split('?').next().unwrap_or("/")),
                _ => continue,
            };
            if known.len() < PAGES_MAX && known.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
    }
    ensure!(known.len() > 3, "the portal has links: {known:?}");
    Ok(())
}

/// Reads every list, every record and every field of the API.
pub(super) fn api(search: &mut Search, kind: &str, address: &str, key: &str) -> Result<()> {
    let bearer = format!("Bearer {key}");
    for accept in ["application/json", "application/ld+json"] {
        let headers = [("Authorization", bearer.as_str()), ("Accept", accept)];
        for (collection, name) in COLLECTIONS {
            let mut waiting = vec![format!("/v1/{collection}?limit=10&page=1")];
            while let Some(path) = waiting.pop() {
                let answer = post::request(address, "GET", &path, &headers, &[])?;
                let text = String::from_utf8_lossy(answer.body());
                ensure!(answer.status == 200, "{path}: {text}");
                search.look(kind, &path, &answer.bytes);
                waiting.extend(paths_of(&answer.json()?, collection, name)?);
            }
        }
    }
    graphql(search, kind, address, &bearer)
}

/// The next page of a list and each of its records; nothing of a record.
fn paths_of(answer: &Value, collection: &str, name: &str) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for item in answer["data"].as_array().into_iter().flatten() {
        let id = item[name].as_str().with_context(|| format!("find {name}"))?.replace('+', "%2B");
        let country = if name == "identifier" { "?issuingCountry=RW" } else { "" };
        paths.push(format!("/v1/{collection}/{id}{country}"));
    }
    let pages = &answer["pagination"];
    if pages["hasNext"] == true {
        let page = pages["page"].as_u64().context("read the page")? + 1;
        paths.push(format!("/v1/{collection}?limit=10&page={page}"));
    }
    Ok(paths)
}

fn graphql(search: &mut Search, kind: &str, address: &str, bearer: &str) -> Result<()> {
    let ask = |query: &str| -> Result<Answer> {
        let headers = [("Authorization", bearer), ("Content-Type", "application/json")];
        let body = json!({ "query": query }).to_string();
        let answer = post::request(address, "POST", "/v1/graphql", &headers, body.as_bytes())?;
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        ensure!(answer.status == 200 && !text.contains("\"errors\""), "{query}: {text}");
        Ok(answer)
    };
    let types = ask(TYPES)?.json()?;
    let types = types["data"]["__schema"]["types"].as_array().context("read the types")?.clone();
    let fields: BTreeMap<&str, &Vec<Value>> = types
        .iter()
        .filter_map(|one| Some((one["name"].as_str()?, one["fields"].as_array()?)))
        .collect();
    for (root, connection) in [
        ("mineSites", "MineSiteConnection"),
        ("lots", "LotConnection"),
        ("exportCertificates", "ExportCertificateConnection"),
    ] {
        let query = format!("{{ {root}(limit: 100) {} }}", selection(&fields, connection, 0));
        ensure!(query.contains("contactEmail"), "the query asks for what is national: {query}");
        search.look(kind, &format!("/v1/graphql {root}"), &ask(&query)?.bytes);
    }
    Ok(())
}

/// Every field of a type, and of theirs.
fn selection(fields: &BTreeMap<&str, &Vec<Value>>, name: &str, depth: usize) -> String {
    let mut asked = Vec::new();
    for field in fields.get(name).into_iter().copied().flatten() {
        let mut of = &field["type"];
        while of["name"].is_null() && !of["ofType"].is_null() {
            of = &of["ofType"];
        }
        let (name, of) =
            (field["name"].as_str().unwrap_or_default(), of["name"].as_str().unwrap_or_default());
        if !fields.contains_key(of) {
            asked.push(name.to_owned());
        } else if depth < DEPTH_MAX {
            asked.push(format!("{name} {}", selection(fields, of, depth + 1)));
        }
    }
    format!("{{ {} }}", asked.join(" "))
}
