//! Philox4x32-10, the counter-based generator behind every draw.
//!
//! A counter-based generator turns (key, counter) into random bits with no state in between, so a
//! draw depends only on what it is *for* and not on what was drawn before it: the same job draws
//! the same times under every variant, on every number of threads. Source: Salmon, Moraes, Dror
//! and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 4; the vectors in
//! the tests are those published with it.

const MULTIPLIER: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// The generator under one key, with the keys of all rounds computed beforehand (Philox4x32-10: Salmon, Moraes, Dror and
/// Shaw, SC 2011).
#[derive(Clone, Debug)]
pub struct Philox {
    rounds: [[u32; 2]; ROUNDS],
}

impl Philox {
    /// The generator under `key`.
    #[inline]
    pub fn new(key: [u32; 2]) -> Self {
        let mut rounds = [key; ROUNDS];
        for round in 1..ROUNDS {
            let [k0, k1] = rounds[round - 1];
            rounds[round] = [k0.wrapping_add(WEYL[0]), k1.wrapping_add(WEYL[1])];
        }
        Self { rounds }
    }

    /// The 128 random bits that belong to `counter`.
    #[inline(always)]
    pub fn block(&self, counter: [u32; 4]) -> [u32; 4] {
        let [mut c0, mut c1, mut c2, mut c3] = counter;
        for [k0, k1] in &self.rounds {
            let p0 = u64::from(MULTIPLIER[0]) * u64::from(c0);
            let p1 = u64::from(MULTIPLIER[1]) * u64::from(c2);
            (c0, c1, c2, c3) =
                ((p1 >> 32) as u32 ^ c1 ^ k0, p1 as u32, (p0 >> 32) as u32 ^ c3 ^ k1, p0 as u32);
        }
        [c0, c1, c2, c3]
    }

    /// 64 of those bits.
    #[inline(always)]
    pub fn draw(&self, counter: [u32; 4]) -> u64 {
        let [a, b, _, _] = self.block(counter);
        u64::from(a) << 32 | u64::from(b)
    }
}

/// 64 of the random bits that belong to `counter` under `key`.
#[inline]
pub fn philox64(key: [u32; 2], counter: [u32; 4]) -> u64 {
    Philox::new(key).draw(counter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_published_vectors() {
        let ones = u32::MAX;
        let philox = |key, counter| Philox::new(key).block(counter);
        assert_eq!(philox([0; 2], [0; 4]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([ones; 2], [ones; 4]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox([0xa409_3822, 0x299f_31d0], [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }
}
