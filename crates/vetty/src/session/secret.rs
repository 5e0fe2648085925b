//! Input that nobody may see again.

use zeroize::Zeroizing;

/// Input of which no copy is left: its memory is overwritten when it is dropped, and it shows itself nowhere. Made from a
/// `String` or a `Vec<u8>` it takes over the memory; made from a borrow it copies, and the original is the caller's to
/// erase.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// The bytes.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// As a person types it: Enter for each line's end.
    pub(super) fn typed(&self) -> Zeroizing<Vec<u8>> {
        // As long as it can become: memory that grows leaves its old place as it was.
        let mut typed = Zeroizing::new(Vec::with_capacity(self.0.len()));
        let mut before = 0;
        for byte in self.0.iter().copied() {
            match (before, byte) {
                (b'\r', b'\n') => {}
                (_, b'\n') => typed.push(b'\r'),
                (_, byte) => typed.push(byte),
            }
            before = byte;
        }
        typed
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret(Zeroizing::new(text.into_bytes()))
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Secret {
        Secret(Zeroizing::new(bytes))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Secret {
        Secret(Zeroizing::new(text.as_bytes().to_vec()))
    }
}

impl From<&[u8]> for Secret {
    fn from(bytes: &[u8]) -> Secret {
        Secret(Zeroizing::new(bytes.to_vec()))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_typed_as_a_person_does_and_shown_nowhere() {
        let secret = Secret::from("a\nb\r\nc\rd");
        assert_eq!(&secret.typed()[..], crate::session::input::typed("a\nb\r\nc\rd").as_bytes());
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret Some(Secret)");
    }
}
