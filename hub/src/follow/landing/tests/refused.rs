//! What a frame or an entry is refused for, and that nothing else notices.

use rmd_proto::{Code, v1};

use super::{MASTER, count, text};
use crate::{
    follow::{
        landing::Stop,
        testing::{Publisher, Receiver, Said, lot, site, site_of, tombstone, upsert},
    },
    quarantine,
    regional::Applied,
    registry::entitlement::Level,
    store::{Store, testing::on_each_store},
};

async fn rules(store: &Store) -> Vec<(u64, String)> {
    quarantine::list(&mut store.acquire().await.unwrap(), None, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.seq.unsigned_abs(), row.rule))
        .collect()
}

#[tokio::test]
async fn one_bad_record_holds_up_no_other() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let mut undecodable = upsert(site(3, "", &[]));
        undecodable.payload = vec![0xff; 12];
        let mut unknown = upsert(site(4, "", &[]));
        unknown.entity = "MoonRock".to_owned();
        let mut elsewhere = upsert(site(5, "", &[]));
        elsewhere.key = "CD-0.0000-0.0000-5".to_owned();
        let mut lost = site(7, "", &[]);
        lost.mine_site_location = None;
        let frame = cod.publish([
            upsert(site(1, "Nzibira", &[])),
            upsert(site_of("RW", 2, "Rutongo", &[])),
            undecodable,
            unknown,
            elsewhere,
            upsert(lot(6, 1)),
            upsert(lost),
            upsert(site(8, "Bisié", &[])),
        ]);
        let applied = hub.land(&frame).await;
        assert_eq!((applied.entries, applied.refused), (8, 6));
        let held = rules(&store).await;
        let own: Vec<_> = held[..5].iter().map(|(seq, rule)| (*seq, rule.as_str())).collect();
        let expected = [
            (2, "HUB-COUNTRY"),
            (3, "HUB-DECODE"),
            (4, "HUB-ENTITY"),
            (5, "HUB-KEY"),
            (6, "HUB-FEED"),
        ];
        assert_eq!(own, expected);
        assert_eq!(held[5].0, 7);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM mine_site").await, 2);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM lot").await, 0);
        assert_eq!(count(&store, "SELECT refused FROM feed_cursor").await, 6);
        let mut connection = store.acquire().await.unwrap();
        let listed = quarantine::list(&mut connection, Some("COD/cod-mines"), 100).await.unwrap();
        let finding = &listed[0].findings[0];
        for message in [&finding.en, &finding.fr] {
            assert!(message.contains("RW") && message.contains("CD"), "{message}");
        }
        assert!(quarantine::list(&mut connection, Some("RWA/x"), 9).await.unwrap().is_empty());
        let counts = quarantine::counts(&mut connection).await.unwrap();
        assert_eq!(counts.iter().map(|count| count.records).sum::<i64>(), 6);
    })
    .await;
}

#[tokio::test]
async fn a_corrected_record_leaves_quarantine() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let mut lost = site(1, "Nzibira", &[]);
        lost.mine_site_location = None;
        hub.land(&cod.publish([upsert(site(1, "Nzibira", &[])), upsert(lost.clone())])).await;
        assert_eq!(rules(&store).await.len(), 1, "the refused revision stands");
        assert_eq!(count(&store, "SELECT rev FROM mine_site").await, 1, "the published one stays");
        // Refused and corrected within one frame: neither stands.
        hub.land(&cod.publish([upsert(lost), upsert(site(1, "Nzibira II", &[]))])).await;
        assert_eq!(rules(&store).await, []);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM quarantine").await, 2);
        assert_eq!(text(&store, "SELECT site_name FROM mine_site").await, "Nzibira II");
        assert_eq!(count(&store, "SELECT rev FROM record").await, 4);
    })
    .await;
}

#[tokio::test]
async fn a_text_that_a_store_cannot_hold_is_refused_alone() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let mut long = upsert(site(3, "", &[]));
        long.key = "k".repeat(3_000);
        let mut odd = upsert(site(4, "", &[]));
        odd.key = "a\0b".to_owned();
        let frame = cod.publish([
            upsert(site(1, "nul \0 inside", &[])),
            upsert(site(2, "sound", &[])),
            long,
            odd,
        ]);
        assert_eq!(hub.land(&frame).await.refused, 3);
        assert_eq!(text(&store, "SELECT site_name FROM mine_site").await, "sound");
    })
    .await;
}

#[tokio::test]
async fn refused_frames_change_nothing() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut stranger = Publisher::new("COD/cod-mines", MASTER);
        let mut rewriter = Publisher::with_key("COD/cod-mines", MASTER, cod_key(&cod));
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        hub.land(&cod.publish([upsert(site(1, "Nzibira", &[]))])).await;
        let gap = {
            cod.append([upsert(site(2, "b", &[]))]);
            cod.publish([upsert(site(3, "c", &[]))])
        };
        stranger.append([upsert(site(9, "forged", &[]))]);
        rewriter.append([upsert(site(1, "rewritten", &[]))]);
        let forged = stranger.publish([upsert(site(9, "forged again", &[]))]);
        let rewritten = rewriter.publish([upsert(site(1, "rewritten again", &[]))]);
        let mut torn = cod.frame_after(1).unwrap();
        torn.body.truncate(torn.body.len() / 2);
        let oversized = v1::Frame { body: vec![0; 2 << 20], ..cod.frame_after(1).unwrap() };
        for (frame, code) in [
            (gap, Code::FrameGap),
            (forged, Code::CheckpointUnsigned),
            (rewritten, Code::RootMismatch),
            (torn, Code::FrameMalformed),
            (oversized, Code::FrameOversized),
        ] {
            let refusal = refusal(hub.try_land(&frame).await);
            assert_eq!(refusal.code, code, "{}", refusal.message);
            assert_eq!(count(&store, "SELECT cursor FROM feed_cursor").await, 1);
            assert_eq!(count(&store, "SELECT COUNT(*) FROM ledger").await, 1);
        }
        hub.land(&cod.frame_after(1).unwrap()).await;
        assert_eq!(count(&store, "SELECT COUNT(*) FROM mine_site").await, 3);
    })
    .await;
}

#[tokio::test]
async fn a_key_belongs_to_one_node_until_it_withdraws_it() {
    on_each_store(async |store| {
        let mut mines = Publisher::new("COD/cod-mines", MASTER);
        let mut other = Publisher::new("COD/cod-cadastre", MASTER);
        let mut from_mines = Receiver::take(&store, &mines, Level::Live).await;
        let mut from_other = Receiver::take(&store, &other, Level::Live).await;
        from_mines.land(&mines.publish([upsert(site(1, "Nzibira", &[]))])).await;
        from_other.land(&other.publish([upsert(site(1, "usurped", &[]))])).await;
        assert_eq!(rules(&store).await, [(1, "HUB-OWNER".to_owned())]);
        assert_eq!(text(&store, "SELECT site_name FROM mine_site").await, "Nzibira");
        from_mines.land(&mines.publish([tombstone(site(1, "Nzibira", &[]))])).await;
        from_other.land(&other.publish([upsert(site(1, "handed over", &[]))])).await;
        assert_eq!(text(&store, "SELECT site_name FROM mine_site").await, "handed over");
        assert_eq!(text(&store, "SELECT node_id FROM record").await, "COD/cod-cadastre");
    })
    .await;
}

fn refusal(landed: Result<Option<Applied>, Stop>) -> rmd_feed::Refusal {
    match landed {
        Err(Stop::Refused(refusal)) => *refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn cod_key(publisher: &Publisher) -> rmd_feed::FeedKey {
    rmd_feed::FeedKey::from_secret(&publisher.key.secret()).unwrap()
}

/// Record, field, value, rule and remedy, in both languages, for each rule of the
/// hub's own; and no other record, feed or state notices.
#[tokio::test]
async fn each_refusal_names_record_field_value_rule_and_remedy() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut rwa = Publisher::new("RWA/rwa-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let mut other = Receiver::take(&store, &rwa, Level::Live).await;
        other.land(&rwa.publish([upsert(site_of("RW", 1, "Rutongo", &[]))])).await;
        let said = |number: u32, change: fn(&mut Said)| {
            let mut said = upsert(site(number, "", &[]));
            change(&mut said);
            said
        };
        let foreign = upsert(site_of("RW", 1, "usurped", &[]));
        let entries = [
            upsert(site(1, "sound", &[])),
            foreign,
            said(3, |said| said.payload = vec![0xff; 12]),
            said(4, |said| said.entity = "MoonRock".to_owned()),
            said(5, |said| said.key = "CD-0.0000-0.0000-5".to_owned()),
            upsert(lot(6, 1)),
            said(7, |said| said.op = rmd_proto::v1::Op::Erase),
            said(8, |said| said.key = "k".repeat(600)),
            said(9, |said| said.reason = "a\0b".to_owned()),
        ];
        assert_eq!(hub.land(&cod.publish(entries)).await.refused, 8);
        let listed = quarantine::list(&mut store.acquire().await.unwrap(), None, 100).await;
        let listed = listed.unwrap();
        let seen: Vec<(&str, &str)> =
            listed.iter().map(|row| (row.rule.as_str(), row.findings[0].path.as_str())).collect();
        let expected = [
            ("HUB-COUNTRY", "country"),
            ("HUB-DECODE", "payload"),
            ("HUB-ENTITY", "entity"),
            ("HUB-KEY", "key"),
            ("HUB-FEED", "feed"),
            ("HUB-ERASURE", "payload"),
            ("HUB-LENGTH", "key"),
            ("HUB-NUL", "reason"),
        ];
        assert_eq!(seen, expected);
        listed.iter().for_each(assert_names_all);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM mine_site").await, 2);
        let name = "SELECT site_name FROM mine_site WHERE address_country = 'RW'";
        assert_eq!(text(&store, name).await, "Rutongo");
        assert_eq!(count(&store, "SELECT cursor FROM feed_cursor ORDER BY node_id").await, 9);
    })
    .await;
}

fn assert_names_all(row: &quarantine::Quarantined) {
    let finding = &row.findings[0];
    let key: String = row.record_key.chars().take(100).collect();
    for message in [&finding.en, &finding.fr] {
        for part in [&row.entity, &key, &finding.path, &format!("({})", row.rule)] {
            assert!(message.contains(part.as_str()), "{part} in {message}");
        }
        assert!(message.contains(&format!("{:?}", finding.value)), "{message}");
        assert!(message.contains(" ; ") || message.contains("; "), "no remedy in {message}");
    }
    assert!(finding.fr.contains(" : ") && finding.fr != finding.en, "{}", finding.fr);
}
