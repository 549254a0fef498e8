//! Who may read what lies in the folder, and names that are too much for it.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
};

use rmd_standard::Entity;

use super::support::{Drop, csv, lot};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn files(path: &Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn files_and_folders_are_for_the_nodes_user_alone() {
    let drop = Drop::live().await;
    let folder = &drop.context.folder;
    fs::set_permissions(folder.done(), Permissions::from_mode(0o755)).unwrap();
    folder.make().unwrap();
    let rows = [lot(&[]), lot(&[("lot_number", "L-2"), ("mineral", "dust")])];
    for (name, text) in [("lots.csv", csv(&rows, ';')), ("note.pdf", "nothing".to_owned())] {
        let path = folder.inbox().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    }
    drop.turn().await;
    let path = drop.path("by-hand.csv");
    fs::write(&path, csv(&[lot(&[("mass", "3")])], ';')).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    drop.taken(&path).await;
    assert_eq!(mode(&folder.inbox()), 0o700);
    for (part, count) in [(folder.done(), 2), (folder.returned(), 1), (folder.failed(), 2)] {
        assert_eq!(mode(&part), 0o700, "{}", part.display());
        let files = files(&part);
        assert_eq!(files.len(), count, "{files:?}");
        for file in files {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }
}

#[tokio::test]
async fn a_name_as_long_as_the_system_allows_is_taken_and_answered() {
    let drop = Drop::live().await;
    let folder = &drop.context.folder;
    let text = csv(&[lot(&[]), lot(&[("lot_number", "L-2"), ("mineral", "dust")])], ';');
    fs::write(folder.inbox().join(format!("{}.csv", "é".repeat(125))), text).unwrap();
    fs::write(folder.inbox().join(format!("{}.pdf", "x".repeat(251))), "nothing").unwrap();
    drop.turn().await;
    assert_eq!(files(&folder.inbox()).len(), 0);
    assert_eq!(files(&folder.done()).len(), 1);
    assert_eq!(files(&folder.returned()).len(), 1);
    assert_eq!(files(&folder.failed()).len(), 2);
}

#[tokio::test]
async fn a_name_with_a_newline_is_a_name_and_a_link_is_no_file() {
    let drop = Drop::live().await;
    let folder = &drop.context.folder;
    let outside = drop.path("outside.csv");
    fs::write(&outside, csv(&[lot(&[("lot_number", "L-9")])], ';')).unwrap();
    symlink(&outside, folder.inbox().join("link.csv")).unwrap();
    fs::write(folder.inbox().join("a\n..\u{7}.csv"), csv(&[lot(&[])], ';')).unwrap();
    drop.turn().await;
    assert_eq!(drop.counts(Entity::Lot).await.published, 1);
    assert!(outside.is_file());
    assert_eq!(files(&folder.done()), [folder.done().join("a\n..\u{7}.csv")]);
}
