//! Sends to the database at once.
//!
//! The driver (sqlx 0.9.0) opens its sockets without `TCP_NODELAY`: the word that ends a
//! COPY then waits until the server has confirmed the rows before it, which it puts off
//! for 40 ms. Its own correction is merged and not released (launchbadge/sqlx 4336); with
//! it this module goes. The driver hands no socket out, so the process asks the kernel for
//! its own. Refuses nothing: where the kernel does not allow it, the store is slow, and
//! the log says so once.

use std::{fs, io, sync::Once};

use rustix::{
    net::sockopt,
    process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open},
};
use tracing::warn;

/// Has every TCP socket of this process send at once; those of the network do already.
pub(super) fn set() {
    static SAID: Once = Once::new();
    if let Err(error) = set_all() {
        SAID.call_once(|| {
            warn!(%error, "writes to the database wait: pidfd_getfd is not allowed");
        });
    }
}

fn set_all() -> io::Result<()> {
    let process = pidfd_open(getpid(), PidfdFlags::empty())?;
    for entry in fs::read_dir("/proc/self/fd")? {
        let entry = entry?;
        let is_socket = fs::read_link(entry.path())
            .is_ok_and(|target| target.to_string_lossy().starts_with("socket:"));
        let number = entry.file_name().to_str().and_then(|name| name.parse().ok());
        let Some(number) = number.filter(|_| is_socket) else { continue };
        match pidfd_getfd(&process, number, PidfdGetfdFlags::empty()) {
            // Of another protocol, which has no such option.
            Ok(socket) => drop(sockopt::set_tcp_nodelay(&socket, true)),
            // Closed since the folder was read.
            Err(rustix::io::Errno::BADF) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn every_socket_of_the_process_sends_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        assert!(!stream.nodelay().unwrap());
        set_all().unwrap();
        assert!(stream.nodelay().unwrap() && accepted.nodelay().unwrap());
    }
}
