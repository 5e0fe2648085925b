//! How far a run goes: many bytes are looked at together.

/// Bytes that are looked at together; the loops over them have no branch, so that they become vector instructions.
const BLOCK: usize = 32;

/// The first byte for which `stops` is 1.
#[inline(always)]
fn first(bytes: &[u8], stops: impl Fn(u8) -> u8) -> usize {
    let mut at = 0;
    let blocks = bytes.chunks_exact(BLOCK);
    let rest = blocks.remainder();
    for block in blocks {
        let mut any = 0;
        for &byte in block {
            any |= stops(byte);
        }
        if any != 0 {
            return at + block.iter().position(|&byte| stops(byte) != 0).unwrap_or(BLOCK);
        }
        at += BLOCK;
    }
    at + rest.iter().position(|&byte| stops(byte) != 0).unwrap_or(rest.len())
}

/// The length of the printable ASCII that `bytes` begin with.
#[inline]
pub(super) fn ascii(bytes: &[u8]) -> usize {
    first(bytes, |byte| u8::from(byte.wrapping_sub(0x20) >= 0x5f))
}

/// The length of the part of a string up to what may end it.
pub(super) fn string(bytes: &[u8]) -> usize {
    first(bytes, |byte| {
        u8::from(byte == 0x07)
            | u8::from(byte == 0x18)
            | u8::from(byte == 0x1a)
            | u8::from(byte == 0x1b)
            | u8::from(byte == 0x9c)
    })
}

#[cfg(test)]
mod tests {
    use super::{ascii, string};

    #[test]
    fn a_run_ends_at_the_first_byte_that_does_not_belong() {
        for length in 0..100 {
            for stop in [0, 0x1f, 0x7f, 0x80, 0xff] {
                let mut bytes = vec![b'~'; length];
                bytes.extend([stop, b'a']);
                assert_eq!(ascii(&bytes), length);
            }
            let mut bytes = "é".repeat(length).into_bytes();
            bytes.push(b'\n');
            assert_eq!(string(&bytes), 2 * length + 1);
        }
    }
}
