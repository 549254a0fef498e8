use super::*;

#[test]
fn spellings_of_one_id_have_one_key() {
    let groups: [&[&str]; 3] = [
        &["RW-1.9641+30.0619-12345", "RW--1.9641+30.0619-12345", "RW-1.9641-30.0619-12345"],
        &["UG-+0.3476+32.5825-00042", "UG-0.3476+32.5825-42", "UG+0.3476+32.5825-42"],
        &["CD-+0.3319+28.7126-191", "CD-+0.3319+28.7126-000191"],
    ];
    for group in groups {
        for spelling in group {
            assert!(same(group[0], spelling), "{spelling}");
            assert_eq!(key_of(group[0]), key_of(spelling), "{spelling}");
        }
    }
    assert!(!same(groups[0][0], groups[1][0]));
    assert!(!same("RW-1.9641+30.0619-12345", "RW-1.9641+30.0619-12346"));
}

#[test]
fn signs_are_read_where_the_spelling_has_them() {
    let sign_of = |text: &str| SiteId::parse(text).unwrap().latitude_e4.sign;
    assert_eq!(sign_of("RW-1.9641+30.0619-1"), None);
    assert_eq!(sign_of("RW--1.9641+30.0619-1"), Some(Sign::Minus));
    assert_eq!(sign_of("UG-+0.3476+32.5825-1"), Some(Sign::Plus));
    assert!(SiteId::parse("RW-1.9641+30.0619-1").unwrap().published_form);
    assert!(!SiteId::parse("UG+0.3476+32.5825-1").unwrap().published_form);
}

#[test]
fn what_is_no_id_is_not_read() {
    for text in [
        "",
        "RW",
        "RW-",
        "ZZ-1.9641+30.0619-1",
        "rw-1.9641+30.0619-1",
        "RW1.9641+30.0619-1",
        "RW-1.964+30.0619-1",
        "RW-1.96411+30.0619-1",
        "RW-1.9641+30.0619",
        "RW-1.9641+30.0619-",
        "RW-1.9641+30.0619-12a",
        "RW-1.964130.0619-1",
        "RW-1.9641+30.061é-1",
        "RW---1.9641+30.0619-1",
        "RW-1.9641+30.0619-123456789012345678901",
        "é",
        "RW-.9641+30.0619-1",
    ] {
        assert_eq!(SiteId::parse(text), None, "{text}");
    }
}

#[test]
fn minted_ids_follow_the_published_form_and_need_no_counter() {
    let point = |latitude_e7, longitude_e7| GeoPoint { latitude_e7, longitude_e7 };
    let rows = [
        ("CD", point(3_318_800, 287_125_800), "codmine00191", "CD-+0.3319+28.7126-00191"),
        ("RW", point(-19_641_000, 300_619_000), "12345", "RW-1.9641+30.0619-12345"),
        ("KE", point(0, 340_000_000), "7", "KE-+0.0000+34.0000-7"),
        ("AO", point(-99_999_600, 180_000_000), "7", "AO-10.0000+18.0000-7"),
    ];
    for (country, point, national_id, expected) in rows {
        let id = mint(country, point, national_id);
        assert_eq!(id, expected);
        assert!(SiteId::parse(&id).unwrap().published_form);
    }
}

#[test]
fn national_ids_without_one_number_are_hashed() {
    let point = GeoPoint { latitude_e7: -10_000_000, longitude_e7: 300_000_000 };
    let first = mint("RW", point, "A1/B2");
    assert_eq!(first, mint("RW", point, "A1/B2"));
    assert_ne!(first, mint("RW", point, "A1/B3"));
    assert!(SiteId::parse(&first).is_some());
    assert!(SiteId::parse(&mint("RW", point, "")).is_some());
}
