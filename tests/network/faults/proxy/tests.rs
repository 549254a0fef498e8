//! The relay measured: what it says it does is what it does.
//!
//! Lower bounds are strict, because a piece is never handed over before its
//! instant. Upper bounds follow from the time table being absolute: a task that
//! wakes up late is late once and not once a piece, so a whole transfer is late by
//! one wake-up and not by their sum. [`LATE`] is what one wake-up may take on a
//! machine that builds and tests something else on all its cores.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use super::{Profile, Proxy, lane};

const LATE: Duration = Duration::from_millis(750);
/// Longest wait for bytes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection through a relay, from its dialler to its other end.
fn through(profile: Profile) -> (Proxy, TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let behind = listener.local_addr().unwrap().to_string();
    let proxy = Proxy::open("127.0.0.1:0", &behind, profile, 7).unwrap();
    let near = TcpStream::connect(proxy.address).unwrap();
    let (far, _) = listener.accept().unwrap();
    for end in [&near, &far] {
        end.set_nodelay(true).unwrap();
        end.set_read_timeout(Some(PATIENCE)).unwrap();
    }
    (proxy, near, far)
}

fn round_trip(near: &mut TcpStream, far: &mut TcpStream) -> Duration {
    let begun = Instant::now();
    let mut byte = [7];
    near.write_all(&byte).unwrap();
    far.read_exact(&mut byte).unwrap();
    far.write_all(&byte).unwrap();
    near.read_exact(&mut byte).unwrap();
    begun.elapsed()
}

#[test]
fn a_relay_is_as_fast_as_its_rate_and_not_faster() {
    let (bits_per_second, bytes) = (400_000, 100_000_u32);
    let profile = Profile { bits_per_second: Some(bits_per_second), ..Profile::PLAIN };
    let (proxy, mut near, mut far) = through(profile);
    let sent: Vec<u8> = (0..bytes).map(|place| u8::try_from(place % 251).unwrap()).collect();
    let ideal = Duration::from_secs_f64(f64::from(bytes) * 8.0 / 400_000.0);
    let (received, took) = thread::scope(|scope| {
        let begun = Instant::now();
        let sender = scope.spawn(|| {
            near.write_all(&sent).unwrap();
            near.shutdown(Shutdown::Write).unwrap();
        });
        let mut received = Vec::new();
        far.read_to_end(&mut received).unwrap();
        sender.join().unwrap();
        (received, begun.elapsed())
    });
    assert!(received == sent, "bytes were changed or lost");
    assert!(took + lane::SLACK >= ideal, "{took:?} for what takes {ideal:?}");
    assert!(took <= ideal + LATE, "{took:?} for what takes {ideal:?}");
    assert_eq!(proxy.bytes_up(), u64::from(bytes));
}

#[test]
fn two_connections_share_one_rate() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let behind = listener.local_addr().unwrap().to_string();
    let profile = Profile { bits_per_second: Some(400_000), ..Profile::PLAIN };
    let proxy = Proxy::open("127.0.0.1:0", &behind, profile, 7).unwrap();
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut near = TcpStream::connect(proxy.address).unwrap();
                near.write_all(&vec![1; 25_000]).unwrap();
            });
        }
        for _ in 0..2 {
            let (mut far, _) = listener.accept().unwrap();
            scope.spawn(move || far.read_to_end(&mut Vec::new()).unwrap());
        }
    });
    let (took, ideal) = (begun.elapsed(), Duration::from_secs(1));
    assert!(took + lane::SLACK >= ideal, "{took:?} for what takes {ideal:?}");
    assert!(took <= ideal + LATE, "{took:?} for what takes {ideal:?}");
}

#[test]
fn a_round_trip_takes_the_delay_of_the_profile() {
    let profile = Profile { round_trip: Duration::from_millis(300), ..Profile::PLAIN };
    let (_proxy, mut near, mut far) = through(profile);
    // The fastest of a few has met no busy processor.
    let fastest = (0..5).map(|_| round_trip(&mut near, &mut far)).min().unwrap();
    assert!(fastest >= profile.round_trip, "{fastest:?} is less than {:?}", profile.round_trip);
    assert!(
        fastest <= profile.round_trip + LATE,
        "{fastest:?} is more than {:?}",
        profile.round_trip
    );
}

#[test]
fn the_delay_does_not_cost_rate() {
    let profile = Profile {
        round_trip: Duration::from_millis(800),
        jitter: Duration::from_millis(50),
        bits_per_second: Some(400_000),
        ..Profile::PLAIN
    };
    let (_proxy, mut near, mut far) = through(profile);
    let begun = Instant::now();
    near.write_all(&vec![1; 50_000]).unwrap();
    let mut received = vec![0; 50_000];
    far.read_exact(&mut received).unwrap();
    let (took, ideal) = (begun.elapsed(), Duration::from_millis(1_000 + 400));
    assert!(took + lane::SLACK >= ideal, "{took:?} for what takes {ideal:?}");
    assert!(took <= ideal + profile.jitter + LATE, "{took:?} for what takes {ideal:?}");
}

#[test]
fn jitter_keeps_the_order() {
    let profile = Profile { jitter: Duration::from_millis(40), ..Profile::PLAIN };
    let (_proxy, mut near, mut far) = through(profile);
    let numbers: Vec<u8> = (0..100).collect();
    for number in &numbers {
        near.write_all(&[*number]).unwrap();
        thread::yield_now();
    }
    let mut received = [0; 100];
    far.read_exact(&mut received).unwrap();
    assert_eq!(received.as_slice(), numbers);
}

#[test]
fn nothing_moves_in_a_stall() {
    let stall = Duration::from_millis(600);
    // Each second moves for 400 ms and then stands still for 600.
    let profile = Profile { stalls: Some((Duration::from_secs(1), stall)), ..Profile::PLAIN };
    let (_proxy, mut near, mut far) = through(profile);
    let begun = Instant::now();
    let mut longest = Duration::ZERO;
    while begun.elapsed() < Duration::from_secs(2) {
        longest = longest.max(round_trip(&mut near, &mut far));
    }
    // A round trip that meets the begin of a stall waits for all of it.
    assert!(longest + lane::SLACK * 2 >= stall, "{longest:?} is less than {stall:?}");
    assert!(longest <= stall + LATE, "{longest:?} is more than {stall:?}");
}

#[test]
fn a_silent_link_tells_nobody_and_loses_nothing() {
    let (proxy, mut near, mut far) = through(Profile::PLAIN);
    round_trip(&mut near, &mut far);
    proxy.silence(true);
    near.write_all(&[9]).unwrap();
    far.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let error = far.read(&mut [0]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    proxy.silence(false);
    far.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut byte = [0];
    far.read_exact(&mut byte).unwrap();
    assert_eq!(byte, [9]);
}

#[test]
fn a_cut_ends_what_is_open_and_takes_what_is_new() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let behind = listener.local_addr().unwrap().to_string();
    let cut_every = Some(Duration::from_millis(500));
    let profile = Profile { cut_every, ..Profile::PLAIN };
    let proxy = Proxy::open("127.0.0.1:0", &behind, profile, 7).unwrap();
    for _ in 0..2 {
        let begun = Instant::now();
        let mut near = TcpStream::connect(proxy.address).unwrap();
        let (mut far, _) = listener.accept().unwrap();
        near.set_read_timeout(Some(PATIENCE)).unwrap();
        round_trip(&mut near, &mut far);
        // The end, or a reset: either way it is over.
        assert!(matches!(near.read(&mut [0]), Ok(0) | Err(_)));
        assert!(begun.elapsed() <= Duration::from_millis(500) + LATE, "{:?}", begun.elapsed());
    }
    assert_eq!((proxy.connections(), proxy.ended()), (2, 2));
}
