//! The services over real TLS on loopback.

mod feeds;
mod peers;
mod pushes;
