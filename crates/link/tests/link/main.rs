//! Certificates and connections over real sockets on the loopback interface.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has to stop")]

mod authority;
mod credentials;
mod enrolment;
mod matrix;
mod probe;
mod requests;
mod world;
