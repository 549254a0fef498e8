//! Whole-network tests: real binaries, real sockets, real databases.
//!
//! Every test starts processes of its own on free loopback ports, asks for a
//! state of the network until it is there, and ends with the comparison of
//! every regional field with its source.

mod auditor;
mod brake;
mod bundles;
mod cases;
mod differences;
mod erase;
mod exchange;
mod faults;
mod harness;
mod hours;
mod ipis;
mod kill;
mod manual;
mod posts;
mod recover;
mod rest;
mod source_link;
mod sovereignty;
mod verdicts;
