//! The sign that the remote shell gives before it becomes the program, and its removal from the output.

use bytes::{Bytes, BytesMut};

/// How much may stand before the mark: what start-up files of the shell print.
const MAX_BEFORE: usize = 1024 * 1024;

/// The most digits of a process id.
const MAX_DIGITS: usize = 10;

/// Looks for `RS vetty:NONCE:PID RS` in a stream. All else passes.
#[derive(Debug)]
pub(super) struct Marker {
    begin: Vec<u8>,
    /// What may be the beginning of the mark.
    held: BytesMut,
    passed: usize,
    state: State,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(super) enum State {
    Waiting,
    Found(u32),
    /// It will not come.
    Absent,
}

impl Marker {
    pub(super) fn new(nonce: &str) -> Marker {
        let begin = format!("\x1evetty:{nonce}:").into_bytes();
        Marker { begin, held: BytesMut::new(), passed: 0, state: State::Waiting }
    }

    /// For a stream without a mark.
    pub(super) fn none() -> Marker {
        Marker { begin: Vec::new(), held: BytesMut::new(), passed: 0, state: State::Absent }
    }

    /// The format for `printf` that prints the mark, given the process id.
    pub(super) fn format(nonce: &str) -> String {
        format!("\\036vetty:{nonce}:%s\\036")
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    /// What of `data`, and of what was held, is output.
    pub(super) fn feed(&mut self, data: Bytes) -> Bytes {
        if self.state != State::Waiting {
            return data;
        }
        self.held.extend_from_slice(&data);
        match self.search() {
            Search::Found { from, to, pid } => {
                self.state = State::Found(pid);
                let mut out = self.held.split_to(from);
                let rest = self.held.split_off(to - from);
                out.extend_from_slice(&rest);
                self.held.clear();
                out.freeze()
            }
            Search::Maybe(from) => {
                self.passed += from;
                if self.passed > MAX_BEFORE {
                    return self.rest();
                }
                self.held.split_to(from).freeze()
            }
        }
    }

    /// What was held, when no more comes.
    pub(super) fn rest(&mut self) -> Bytes {
        if self.state == State::Waiting {
            self.state = State::Absent;
        }
        self.held.split().freeze()
    }

    fn search(&self) -> Search {
        let held = &self.held[..];
        let mut at = 0;
        while let Some(found) = held[at..].iter().position(|byte| *byte == 0x1e).map(|found| at + found) {
            let here = &held[found..];
            let common = here.len().min(self.begin.len());
            if here[..common] == self.begin[..common] {
                let digits = &here[common..];
                let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
                match digits.get(count) {
                    None if count <= MAX_DIGITS => return Search::Maybe(found),
                    Some(0x1e) if (1..=MAX_DIGITS).contains(&count) => {
                        let pid =
                            std::str::from_utf8(&digits[..count]).ok().and_then(|digits| digits.parse().ok());
                        if let Some(pid) = pid {
                            return Search::Found { from: found, to: found + common + count + 1, pid };
                        }
                    }
                    _ => {}
                }
            }
            at = found + 1;
        }
        Search::Maybe(held.len())
    }
}

enum Search {
    Found {
        from: usize,
        to: usize,
        pid: u32,
    },
    /// From here on it may begin.
    Maybe(usize),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_mark_is_taken_out_wherever_the_stream_is_cut(
            before in "[a\x1evety:0-9]{0,40}", after in "[a\x1e:0-9]{0,20}", pid in 1u32.., cut in 1usize..9,
        ) {
            let text = format!("{before}\x1evetty:n0:{pid}\x1e{after}");
            let mut marker = Marker::new("n0");
            let mut out = Vec::new();
            for piece in text.as_bytes().chunks(cut) {
                out.extend_from_slice(&marker.feed(Bytes::copy_from_slice(piece)));
            }
            out.extend_from_slice(&marker.rest());
            prop_assert_eq!(marker.state(), State::Found(pid));
            prop_assert_eq!(String::from_utf8(out).unwrap(), format!("{before}{after}"));
        }

        #[test]
        fn nothing_is_lost_of_a_stream_without_a_mark(text in "[a\x1evety:n0-9]{0,60}", cut in 1usize..9) {
            let mut marker = Marker::new("other");
            let mut out = Vec::new();
            for piece in text.as_bytes().chunks(cut) {
                out.extend_from_slice(&marker.feed(Bytes::copy_from_slice(piece)));
            }
            out.extend_from_slice(&marker.rest());
            prop_assert_eq!(String::from_utf8(out).unwrap(), text);
            prop_assert_eq!(marker.state(), State::Absent);
        }
    }
}
