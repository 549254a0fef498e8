//! The pages as a browser gets them, in both languages, on each store.

use axum::{
    body::{Body, to_bytes},
    http::{Request, Response, StatusCode, header},
};
use tower::ServiceExt as _;

use super::{State, router};
use crate::{
    registry::testing::Hub,
    share::testing::{TestSite, insert_site},
    store::testing::on_each_store,
};

/// What a page may weigh, for a slow link.
const PAGE_BYTES_MAX: usize = 50_000;

const HOSTILE: &str = "<script>alert('é & \"x\"')</script>";

async fn answer(hub: &Hub, path: &str, language: &str) -> Response<Body> {
    let state = State::new(hub.store.clone(), hub.clock.clone(), &hub.config);
    let request =
        Request::get(path).header(header::ACCEPT_LANGUAGE, language).body(Body::empty()).unwrap();
    router(state).oneshot(request).await.unwrap()
}

async fn html(hub: &Hub, path: &str) -> String {
    let answer = answer(hub, path, "en").await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    assert!(bytes.len() < PAGE_BYTES_MAX, "{path} weighs {} bytes", bytes.len());
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn add(hub: &Hub, site: &TestSite<'_>) {
    let mut transaction = hub.store.begin().await.unwrap();
    insert_site(&mut transaction, site).await;
    transaction.commit().await.unwrap();
}

fn site(icglr_id: &str) -> TestSite<'_> {
    TestSite {
        icglr_id,
        country: "CD",
        status: "green",
        district: "",
        inspected: Some("2017-06-01"),
    }
}

#[tokio::test]
async fn all_twelve_states_stand_on_the_first_page_before_any_data() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        hub.invite("RWA", "rwa-mines").await;
        let page = html(&hub, "/").await;
        assert!(page.contains("<html lang=\"en\">"));
        assert_eq!(page.matches("No data yet").count(), 12);
        assert_eq!(page.matches("not enrolled").count(), 11);
        assert!(page.contains("invited, not yet enrolled"));
        assert!(page.contains("Democratic Republic of the Congo"));
        let french = html(&hub, "/?lang=fr").await;
        assert!(french.contains("<html lang=\"fr\">"));
        assert_eq!(french.matches("Pas encore de données").count(), 12);
        assert!(french.contains("République démocratique du Congo"));
        assert!(french.contains("href=\"/?lang=en\""));
    })
    .await;
}

#[tokio::test]
async fn a_followed_feed_shows_size_age_and_counts() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let node_dir = tempfile::tempdir().unwrap();
        hub.enrol("cod-mines", "cod:7402", node_dir.path()).await;
        let mut transaction = hub.store.begin().await.unwrap();
        sqlx::query(
            "INSERT INTO feed_cursor
                 (node_id, feed, epoch, cursor, edge, state, owner_epoch, owner_size,
                  frames, bytes, entries, refused, last_exchange_us, updated_at_us)
             VALUES ('COD/cod-mines', 'master-data', 1, 0, $1, 'frozen', 1, 1234, 0, 0, 0, 3,
                     $2, $2)",
        )
        .bind(Vec::<u8>::new())
        .bind(hub.now().as_microsecond() - 7_200_000_000)
        .execute(&mut *transaction)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO owner_entity
                 (node_id, feed, entity, entitlement, published, held, refused,
                  refused_by_rule, updated_at_us)
             VALUES ('COD/cod-mines', 'master-data', 'MineSite', 'live', 2300, 7, 41, '{}', 1)",
        )
        .execute(&mut *transaction)
        .await
        .unwrap();
        transaction.commit().await.unwrap();
        let page = html(&hub, "/").await;
        let words = ["Master data", "2\u{a0}h", "1,234 behind", "Frozen", "3 at the hub"];
        let missing: Vec<_> = words.iter().filter(|word| !page.contains(**word)).collect();
        assert!(missing.is_empty() && page.contains(">41<") && page.contains(">7<"), "{missing:?}");
        assert!(page.contains("2018-01-01 12:00"), "clocks of the region are two hours ahead");
        assert!(html(&hub, "/?lang=fr").await.contains("1\u{202f}234 de retard"));
    })
    .await;
}

#[tokio::test]
async fn declared_and_effective_status_are_two_columns() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        add(&hub, &TestSite { district: "Masisi", ..site("CD-1") }).await;
        let page = html(&hub, "/sites").await;
        for text in ["Declared status", "Effective status", "CD-1", "COD", "Masisi", "2609, Au"] {
            assert!(page.contains(text), "{text} in {page}");
        }
        let row = page.split("<tbody>").nth(1).unwrap();
        assert!(row.matches("<span class=\"chip").count() == 2, "{row}");
        let french = html(&hub, "/sites?lang=fr").await;
        assert!(french.contains("Statut déclaré") && french.contains("Vert"));
    })
    .await;
}

#[tokio::test]
async fn names_of_persons_and_exact_positions_are_on_no_page() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        add(&hub, &site("CD-1")).await;
        for path in ["/", "/sites", "/sites?lang=fr"] {
            let page = html(&hub, path).await;
            let private = ["Jane Owner", "Secret Name", "N-1", "1.5234", "1,5234"];
            assert_eq!(private.into_iter().find(|text| page.contains(text)), None, "on {path}");
        }
        assert!(html(&hub, "/sites").await.contains("1.52°\u{a0}S 28.90°\u{a0}E"));
        assert!(html(&hub, "/sites?lang=fr").await.contains("1,52°\u{a0}S 28,90°\u{a0}E"));
    })
    .await;
}

#[tokio::test]
async fn hostile_text_is_shown_and_never_run() {
    on_each_store(async |store| {
        let mut hub = Hub::make(store).await;
        add(&hub, &TestSite { district: HOSTILE, ..site(HOSTILE) }).await;
        hub.config.portal.banner_en = HOSTILE.to_owned();
        for path in ["/", "/sites", "/sites?state=%3Cscript%3E&status=%22%3E&page=%3Cb%3E&lang=%22"]
        {
            let page = html(&hub, path).await;
            assert!(!page.contains("<script"), "{path}");
            assert!(page.contains("&#60;script"), "{path}");
        }
        let answer = answer(&hub, "/%3Cscript%3E?lang=%3Cscript%3E", "fr").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        let page = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let page = String::from_utf8(page.to_vec()).unwrap();
        assert!(page.contains("Page introuvable") && !page.contains("<script"));
    })
    .await;
}

#[tokio::test]
async fn a_long_list_has_pages_that_keep_the_filter() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let mut transaction = hub.store.begin().await.unwrap();
        for number in 0..120 {
            let id = format!("CD-000-2703-{number:04}");
            let district = "A district with a rather long name";
            insert_site(&mut transaction, &TestSite { district, ..site(&id) }).await;
        }
        let rwandan = TestSite { country: "RW", ..site("RW-1") };
        insert_site(&mut transaction, &rwandan).await;
        transaction.commit().await.unwrap();
        let first = html(&hub, "/sites?state=COD").await;
        assert!(first.contains("120 sites") && first.contains("Page 1 / 3"));
        assert!(first.contains("CD-000-2703-0049") && !first.contains("CD-000-2703-0050"));
        assert!(first.contains("/sites?state=COD&#38;page=2&#38;lang=en"), "{first}");
        let last = html(&hub, "/sites?state=COD&page=99").await;
        assert!(last.contains("CD-000-2703-0119") && last.contains("Page 3 / 3"));
        assert!(!last.contains("RW-1"));
        assert!(html(&hub, "/sites?state=RWA").await.contains("RW-1"));
        let second = html(&hub, "/sites?state=COD&status=green&page=2").await;
        assert!(second.contains("120 sites") && second.contains("Page 2 / 3"));
        assert!(second.contains("CD-000-2703-0050") && !second.contains("CD-000-2703-0100"));
        let past = html(&hub, "/sites?status=green&page=18446744073709551615").await;
        assert!(past.contains("RW-1") && past.contains("Page 3 / 3"), "{past}");
        let none = html(&hub, "/sites?state=AGO&lang=fr").await;
        assert!(none.contains("Pas encore de données"));
        assert_eq!(html(&hub, "/sites").await.matches("<tr>").count(), 51);
    })
    .await;
}

#[tokio::test]
async fn sites_are_filtered_by_the_effective_status() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        add(&hub, &site("CD-GREEN")).await;
        add(&hub, &TestSite { status: "red", inspected: None, ..site("CD-RED") }).await;
        let red = html(&hub, "/sites?status=red").await;
        assert!(red.contains("CD-RED") && !red.contains("CD-GREEN"));
        assert!(red.contains("<option value=\"red\" selected>Red</option>"));
        let all = html(&hub, "/sites?status=purple").await;
        assert!(all.contains("CD-RED") && all.contains("CD-GREEN"));
    })
    .await;
}

#[tokio::test]
async fn a_void_site_has_no_effective_status() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        add(&hub, &site("CD-1")).await;
        let mut transaction = hub.store.begin().await.unwrap();
        sqlx::query("UPDATE mine_site SET void = 1").execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert!(html(&hub, "/sites").await.contains(">Void<"));
        assert!(html(&hub, "/sites?lang=fr").await.contains(">Annulé<"));
        assert!(!html(&hub, "/sites?status=green").await.contains("CD-1"));
    })
    .await;
}

#[tokio::test]
async fn the_banner_stands_on_every_page_in_its_language() {
    on_each_store(async |store| {
        let mut hub = Hub::make(store).await;
        hub.config.portal.banner_en = "Demonstration on IPIS observations".to_owned();
        hub.config.portal.banner_fr = "Démonstration sur des observations IPIS".to_owned();
        for path in ["/", "/sites"] {
            assert!(html(&hub, path).await.contains("Demonstration on IPIS observations"));
            let french = html(&hub, &format!("{path}?lang=fr")).await;
            assert!(french.contains("Démonstration sur des observations IPIS"));
        }
        let missing = answer(&hub, "/nowhere", "fr").await;
        let missing = to_bytes(missing.into_body(), usize::MAX).await.unwrap();
        assert!(String::from_utf8_lossy(&missing).contains("Démonstration sur"));
    })
    .await;
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        for path in ["/", "/sites", "/style.css", "/nowhere"] {
            let answer = answer(&hub, path, "fr").await;
            let headers = answer.headers();
            let csp = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(csp.starts_with("default-src 'none'") && !csp.contains("unsafe"), "{csp}");
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
        }
        assert_eq!(answer(&hub, "/", "fr-CD").await.headers()[header::CONTENT_LANGUAGE], "fr");
    })
    .await;
}

#[tokio::test]
async fn a_store_that_is_away_is_said_so_without_its_cause() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        hub.store.close().await;
        let answer = answer(&hub, "/sites", "fr").await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let page = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let page = String::from_utf8(page.to_vec()).unwrap();
        assert!(page.contains("Pas de réponse pour le moment") && !page.contains("pool"));
    })
    .await;
}
