//! The services over real TLS on loopback.

mod feeds;
mod limits;
mod peers;
mod pushes;
