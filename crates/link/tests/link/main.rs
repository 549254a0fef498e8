//! Certificates and connections over real sockets on the loopback interface.

mod authority;
mod credentials;
mod enrolment;
mod matrix;
mod probe;
mod requests;
mod world;
