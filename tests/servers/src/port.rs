//! Loopback ports for servers that other programs start.
//!
//! A port is drawn, named in a configuration, and listened on later by another program. Where
//! the kernel takes the ends of connections it would be gone now and then by that time, and
//! two tests could draw the same: so it lies below those, and a lock holds it for as long as
//! this process lives.

use std::{
    fs::{self, File, TryLockError},
    io,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
    process,
    sync::{Mutex, PoisonError},
};

/// The first port that is drawn.
const FIRST: u16 = 20_000;

/// Ports that are drawn from; Linux takes the ends of connections from 32 768 on.
const COUNT: u16 = 12_000;

/// Locks of the ports that this process drew, and how many it looked at.
static DRAWN: Mutex<(Vec<File>, u32)> = Mutex::new((Vec::new(), 0));

/// A loopback port that is free, and is given to nobody else while this process lives.
///
/// # Errors
///
/// When the folder of locks cannot be written, or every port is taken.
pub fn free_port() -> io::Result<u16> {
    let folder = folder()?;
    let mut drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..COUNT {
        // Processes begin at places of their own.
        let place = process::id().wrapping_mul(97).wrapping_add(drawn.1) % u32::from(COUNT);
        drawn.1 = drawn.1.wrapping_add(1);
        let port = FIRST + u16::try_from(place).unwrap_or_default();
        let lock = File::create(folder.join(port.to_string()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => continue,
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            drawn.0.push(lock);
            return Ok(port);
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, "every port for servers is taken"))
}

/// The folder of locks, of this user alone.
fn folder() -> io::Result<PathBuf> {
    let user = fs::metadata("/proc/self")?.uid();
    let folder = std::env::temp_dir().join(format!("rmd-ports-{user}"));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_port_is_given_once_and_can_be_listened_on() {
        let ports: BTreeSet<u16> = (0..200).map(|_| free_port().unwrap()).collect();
        assert_eq!(ports.len(), 200);
        for port in ports {
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        }
    }

    #[test]
    fn a_port_that_somebody_listens_on_is_passed_over() {
        let first = free_port().unwrap();
        let next: Vec<TcpListener> = (first + 1..first + 8)
            .filter_map(|port| TcpListener::bind(("127.0.0.1", port)).ok())
            .collect();
        let taken: BTreeSet<u16> =
            next.iter().map(|one| one.local_addr().unwrap().port()).collect();
        assert!(!taken.is_empty());
        assert!((0..8).all(|_| !taken.contains(&free_port().unwrap())));
    }
}
