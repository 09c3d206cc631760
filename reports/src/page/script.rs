//! What a page does beyond being read: copying commands, and walking through events with the arrow keys.
//!
//! Everything is readable without it. It asks for nothing from outside, keeps nothing, and where a
//! viewer forbids it something (the clipboard, the history) it goes on without.

/// The script; the page allows this one and no other, by [`HASH`].
pub(super) const SCRIPT: &str = include_str!("page.js");

/// The SHA-256 of [`SCRIPT`] as a content security policy has it. A test compares them.
pub(super) const HASH: &str = "sha256-AVWgQOq4xWNIo3nxrETeyL9wgVs7spu//87w2M+O3ww=";

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_policy_allows_this_script() {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let hash = Sha256::digest(SCRIPT.as_bytes());
        let mut said = String::new();
        for three in hash.chunks(3) {
            let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
                << (8 * (3 - three.len()));
            let sextet = |place: usize| char::from(alphabet[(bits >> (18 - 6 * place)) as usize & 63]);
            (0..4).for_each(|place| said.push(if place <= three.len() { sextet(place) } else { '=' }));
        }
        assert_eq!(HASH, format!("sha256-{said}"));
    }
}
