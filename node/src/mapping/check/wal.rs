//! An SQLite source in WAL mode: whether this account can read it, and does no harm.
//!
//! Looks at the file itself, so that the answer is there also where SQLite refuses.
//! Writes nothing. For root, who may do everything, it tells what the account of the
//! service will need.

use std::{
    fs::{self, File},
    io::Read as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rustix::fs::Access;

use crate::mapping::Fault;

/// What every SQLite file begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The byte behind [`MAGIC`] that says how the file is written, and its value in WAL mode.
const VERSION: usize = 18;
const WAL: u8 = 2;

/// Lets the group write.
const GROUP_WRITES: u32 = 0o020;

/// An account before a file.
#[derive(Debug, Clone, Copy)]
struct Account {
    id: u32,
    /// Who owns the file: as a rule the ministry's software.
    owner: u32,
    /// The permission bits of the file, which SQLite gives to those beside it.
    mode: u32,
}

/// What is to be said of the source; none if it is no file in WAL mode, or all is well.
pub(super) fn look(mapping_file: &str, source: Option<&Path>) -> Option<Fault> {
    let path = source.filter(|path| is_wal(path))?;
    let metadata = fs::metadata(path).ok()?;
    let id = rustix::process::geteuid().as_raw();
    let account = Account { id, owner: metadata.uid(), mode: metadata.mode() };
    let [en, fr] = words(path, account, &|path| may_write(path))?;
    Some(Fault::new(mapping_file, "", "source").says(&en, &fr))
}

fn is_wal(path: &Path) -> bool {
    let mut head = [0; VERSION + 1];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head.starts_with(MAGIC) && head[VERSION] == WAL
}

fn may_write(path: &Path) -> bool {
    let also = if path.is_dir() { Access::EXEC_OK } else { Access::READ_OK };
    rustix::fs::access(path, Access::WRITE_OK | also).is_ok()
}

/// The folder, and the two files beside the database that are there already.
fn needed(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = ["-wal", "-shm"].map(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    });
    let beside = beside.into_iter().filter(|file| file.exists());
    std::iter::once(folder.unwrap_or(Path::new(".")).to_owned()).chain(beside).collect()
}

fn words(path: &Path, account: Account, may_write: &dyn Fn(&Path) -> bool) -> Option<[String; 2]> {
    if account.id == 0 {
        return Some([
            "the SQLite file is in WAL mode, and even a reader has to write its -shm file; let the account of the node write there".to_owned(),
            "le fichier SQLite est en mode WAL, et même un lecteur doit écrire son fichier -shm ; donnez ce droit au compte du nœud".to_owned(),
        ]);
    }
    let lacking = needed(path).into_iter().filter(|path| !may_write(path));
    let lacking: Vec<String> = lacking.map(|path| path.display().to_string()).collect();
    if !lacking.is_empty() {
        let lacking = lacking.join(", ");
        return Some([
            format!(
                "the SQLite file is in WAL mode, which every reader has to write beside it, and this account may not write {lacking}; as soon as the ministry's software has closed the file, nothing can be read; give both accounts one group (section 4 of the manual)"
            ),
            format!(
                "le fichier SQLite est en mode WAL, où chaque lecteur doit écrire à côté, et ce compte ne peut pas écrire {lacking} ; dès que le logiciel du ministère a fermé le fichier, rien ne peut être lu ; donnez aux deux comptes un même groupe (section 4 du manuel)"
            ),
        ]);
    }
    if account.id != account.owner && account.mode & GROUP_WRITES == 0 {
        let mode = account.mode & 0o777;
        return Some([
            format!(
                "the SQLite file is in WAL mode and of mode {mode:04o}: where the node opens it first, it makes the files -wal and -shm, and the account that owns the database may not write them, so that the ministry's software stops; give both accounts one group and the file the mode 0660 (section 4 of the manual)"
            ),
            format!(
                "le fichier SQLite est en mode WAL et de mode {mode:04o} : si le nœud l'ouvre en premier, il crée les fichiers -wal et -shm, que le compte propriétaire de la base ne peut pas écrire, et le logiciel du ministère s'arrête ; donnez aux deux comptes un même groupe et au fichier le mode 0660 (section 4 du manuel)"
            ),
        ]);
    }
    None
}

#[cfg(test)]
mod tests {
    use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

    use super::*;

    const NODE: u32 = 990;
    const MINISTRY: u32 = 1001;

    fn said(account: Account, may_write: &dyn Fn(&Path) -> bool) -> Option<[String; 2]> {
        words(Path::new("/srv/mines/mines.sqlite"), account, may_write)
    }

    #[test]
    fn what_the_account_lacks_is_named() {
        let account = Account { id: NODE, owner: MINISTRY, mode: 0o10_0660 };
        let [en, fr] = said(account, &|path| path != Path::new("/srv/mines")).unwrap();
        assert!(en.contains("may not write /srv/mines;"), "{en}");
        assert!(fr.contains("ne peut pas écrire /srv/mines "), "{fr}");
        assert_eq!(said(account, &|_| true), None);
    }

    #[test]
    fn files_that_would_lock_the_ministry_out_are_told_of() {
        let account = Account { id: NODE, owner: MINISTRY, mode: 0o10_0644 };
        let [en, _] = said(account, &|_| true).unwrap();
        assert!(en.contains("0644") && en.contains("software stops"), "{en}");
        let own = Account { owner: NODE, ..account };
        assert_eq!(said(own, &|_| true), None);
    }

    #[test]
    fn root_is_told_what_the_service_will_need() {
        let account = Account { id: 0, owner: MINISTRY, mode: 0o10_0660 };
        assert!(said(account, &|_| true).is_some());
    }

    #[tokio::test]
    async fn a_file_says_itself_that_it_is_in_wal_mode() {
        let dir = tempfile::tempdir().unwrap();
        for (mode, expected, beside) in [("wal", true, 2), ("delete", false, 0)] {
            let path = dir.path().join(mode);
            let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
            let mut open = options.connect().await.unwrap();
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
                "PRAGMA journal_mode = {mode}; CREATE TABLE sites (code)"
            )))
            .execute(&mut open)
            .await
            .unwrap();
            assert_eq!(is_wal(&path), expected, "{mode}");
            assert_eq!(needed(&path).len(), beside + 1, "{mode}");
            open.close().await.unwrap();
        }
        assert!(look("mapping.toml", None).is_none());
        assert!(look("mapping.toml", Some(&dir.path().join("delete"))).is_none());
    }
}
