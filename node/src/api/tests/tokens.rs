//! Who may do what.

use std::os::unix::fs::PermissionsExt as _;

use rmd_api::{Backend as _, Collection, Credential, Denied, Scope};

use super::super::{
    Error, Store,
    testing::World,
    token::{self, Rights, Unmade},
};

const READ: Scope = Scope::read(Collection::Lots);
const WRITE: Scope = Scope::write(Collection::Lots);

#[tokio::test]
async fn a_token_does_what_it_was_made_for_and_nothing_else() {
    let world = World::live().await;
    let reading = Rights { read: true, write: false };
    let writing = Rights { read: false, write: true };
    let reader = token::create(&world.store, "reader", reading).await.unwrap();
    let writer = token::create(&world.store, "writer", writing).await.unwrap();
    let (reader, writer) = (reader.reveal(), writer.reveal());
    assert!(reader.starts_with("rmdn_") && reader.len() == 48, "{}", reader.len());
    let check = async |secret: &str, scope| {
        let bearer = Credential::Bearer(secret.to_owned());
        let bearer = world.node.authorise(Some(&bearer), scope).await;
        let key = Credential::Key(secret.to_owned());
        let key = world.node.authorise(Some(&key), scope).await;
        assert_eq!(bearer.is_ok(), key.is_ok());
        bearer
    };
    assert!(check(reader, READ).await.is_ok());
    assert!(check(writer, WRITE).await.is_ok());
    assert!(matches!(check(reader, WRITE).await, Err(Denied::Forbidden(scope)) if scope == WRITE));
    assert!(matches!(check(writer, READ).await, Err(Denied::Forbidden(_))));
    for wrong in ["", "rmdn_", &reader[..47], &format!("{reader}A")] {
        assert!(matches!(check(wrong, READ).await, Err(Denied::Invalid)), "{wrong}");
    }
    assert!(matches!(world.node.authorise(None, READ).await, Err(Denied::Missing)));
}

#[tokio::test]
async fn a_revoked_token_is_refused_and_its_name_is_free() {
    let world = World::live().await;
    let rights = Rights { read: true, write: true };
    let secret = token::create(&world.store, "cadastre", rights).await.unwrap();
    let taken = token::create(&world.store, "cadastre", rights).await;
    assert!(matches!(taken, Err(Unmade::Taken(name)) if name == "cadastre"));
    assert!(token::revoke(&world.store, "cadastre").await.unwrap());
    assert!(!token::revoke(&world.store, "cadastre").await.unwrap());
    let credential = Credential::Bearer(secret.reveal().to_owned());
    let refused = world.node.authorise(Some(&credential), READ).await;
    assert!(matches!(refused, Err(Denied::Invalid)));
    token::create(&world.store, "cadastre", rights).await.unwrap();
    let listed = token::list(&world.store).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed[0].revoked_at_us.is_some() && listed[1].revoked_at_us.is_none());
}

#[tokio::test]
async fn a_token_that_can_do_nothing_is_not_made() {
    let world = World::live().await;
    let nothing = Rights { read: false, write: false };
    let made = token::create(&world.store, "x", nothing).await;
    assert!(matches!(made, Err(Unmade::Useless)));
    let made = token::create(&world.store, " ", Rights { read: true, ..nothing }).await;
    assert!(matches!(made, Err(Unmade::Name)));
}

#[tokio::test]
async fn no_byte_of_the_file_holds_a_token_and_nobody_else_reads_the_file() {
    let world = World::live().await;
    let rights = Rights { read: true, write: true };
    let secret = token::create(&world.store, "cadastre", rights).await.unwrap();
    assert!(!format!("{secret:?}").contains(secret.reveal()));
    let path = world.test.path().with_file_name("api.sqlite");
    let secret = &secret.reveal().as_bytes()["rmdn_".len()..];
    for suffix in ["", "-wal"] {
        let name = format!("{}{suffix}", path.display());
        let mode = std::fs::metadata(&name).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
        let bytes = std::fs::read(&name).unwrap();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret), "{name}");
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let opened = Store::open(&path, world.store.clock().clone()).await;
    assert!(matches!(opened, Err(Error::Exposed { mode: 0o640, .. })));
}
