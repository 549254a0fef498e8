//! Every record type from its template into the journal.

use rmd_standard::Entity;

use super::support::{Drop, filled};
use crate::sheets::Language;

async fn into_the_journal(language: Language) {
    let drop = Drop::live().await;
    for entity in Entity::ALL {
        let path = drop.path(&format!("{}.xlsx", entity.name()));
        filled(entity, language, &path);
        let report = drop.taken(&path).await;
        let told =
            || report.returned.as_ref().map(|copy| super::support::cells(&drop.returned(copy), 0));
        assert_eq!((report.rows, report.refused), (1, 0), "{entity} {:?}", told());
        assert_eq!((report.appended, report.language), (1, language.tag()), "{entity}");
        assert_eq!(drop.counts(entity).await.published, 1, "{entity}");
    }
}

#[tokio::test]
async fn every_template_in_english_is_filled_in_and_taken() {
    into_the_journal(Language::English).await;
}

#[tokio::test]
async fn every_template_in_french_is_filled_in_and_taken() {
    into_the_journal(Language::French).await;
}
