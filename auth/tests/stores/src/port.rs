//! Ports that nobody else is about to take.

use std::{
    net::{Ipv4Addr, TcpListener},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// Below those that the system gives to clients and to whoever asks for any: while a server is stopped, its port must
/// not become anybody else's, least of all that of the client which tries to reach it (it would reach itself).
const FIRST: u32 = 10_000;
const COUNT: u32 = 20_000;

static ASKED: AtomicU32 = AtomicU32::new(0);

pub(crate) fn free() -> u16 {
    // Tests that run at the same time are processes with neighbouring numbers: they begin far from each other.
    let start = process::id().wrapping_mul(7_919);
    for _ in 0..COUNT {
        let number = start.wrapping_add(ASKED.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(FIRST + number % COUNT).expect("the range ends below the largest port");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}
