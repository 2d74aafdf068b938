//! Chance that repeats: what a schedule draws once it draws every time.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::clock::Entropy;

/// `SplitMix64`, whose outputs are all different within a period of 2⁶⁴.
#[derive(Debug)]
pub(super) struct Dice(AtomicU64);

const GOLDEN_RATIO: u64 = 0x9e37_79b9_7f4a_7c15;

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(mixed(seed)))
    }

    fn roll(&self) -> u64 {
        mixed(self.0.fetch_add(GOLDEN_RATIO, Ordering::SeqCst))
    }

    pub(super) fn below(&self, limit: u64) -> u64 {
        self.roll() % limit.max(1)
    }

    /// Mostly far shorter than `longest`, and now and then almost as long.
    pub(super) fn span(&self, longest: Duration) -> Duration {
        let longest = u64::try_from(longest.as_millis()).unwrap();
        Duration::from_millis(match self.below(8) {
            0 => longest - self.below(longest / 10 + 1),
            1..4 => self.below(longest / 5 + 1),
            _ => self.below(longest / 40 + 1),
        })
    }
}

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.roll().to_le_bytes()[..chunk.len()]);
        }
    }
}

fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(GOLDEN_RATIO);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
