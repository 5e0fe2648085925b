//! The file protocol, version 3, as far as carrying files needs it: requests with numbers, replies in any order.
//!
//! See draft-ietf-secsh-filexfer-02, and OpenSSH's PROTOCOL for the extensions.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use russh::ChannelStream;
use russh::client::Msg;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;

/// The largest packet that is taken; OpenSSH sends none of more.
const MAX_PACKET: usize = 256 * 1024;

const INIT: u8 = 1;
const VERSION: u8 = 2;
pub(super) const OPEN: u8 = 3;
pub(super) const CLOSE: u8 = 4;
pub(super) const READ: u8 = 5;
pub(super) const WRITE: u8 = 6;
pub(super) const REMOVE: u8 = 13;
pub(super) const STAT: u8 = 17;
pub(super) const RENAME: u8 = 18;
const STATUS: u8 = 101;
const HANDLE: u8 = 102;
const DATA: u8 = 103;
const ATTRS: u8 = 105;
pub(super) const EXTENDED: u8 = 200;

/// What a server said to a request.
#[derive(Debug)]
pub(super) enum Reply {
    /// It was done.
    Done,
    /// No more data, or no such file.
    Eof,
    Missing,
    /// It was not done, for this reason.
    Failed(String),
    Handle(Vec<u8>),
    Data(Vec<u8>),
    /// The size of a file, if it was told.
    Size(Option<u64>),
}

/// One subsystem channel.
pub(super) struct Wire {
    write: WriteHalf<ChannelStream<Msg>>,
    replies: mpsc::UnboundedReceiver<io::Result<(u32, Reply)>>,
    /// Replies to come: what a server sends beyond is an error, so that it cannot fill memory.
    expected: Arc<AtomicUsize>,
    next: u32,
    /// Names of the extensions that the server has.
    pub(super) extensions: Vec<Vec<u8>>,
}

impl Wire {
    /// Agrees on the version.
    pub(super) async fn begin(stream: ChannelStream<Msg>) -> io::Result<Wire> {
        let (mut read, mut write) = tokio::io::split(stream);
        write.write_all(&[0, 0, 0, 5, INIT, 0, 0, 0, 3]).await?;
        let packet = read_packet(&mut read).await?;
        let mut fields = Fields(&packet);
        if fields.byte()? != VERSION || fields.number()? < 3 {
            return Err(io::Error::other("the server speaks another version of the file protocol than 3"));
        }
        let mut extensions = Vec::new();
        while !fields.0.is_empty() && extensions.len() < 100 {
            extensions.push(fields.string()?.to_vec());
            fields.string()?;
        }
        let (sender, replies) = mpsc::unbounded_channel();
        let expected = Arc::new(AtomicUsize::new(0));
        let count = expected.clone();
        // Reading goes on while a request is written: else both sides could wait for each other.
        tokio::spawn(async move {
            loop {
                let reply = match read_packet(&mut read).await {
                    Ok(packet) => parse_reply(&packet),
                    Err(error) => Err(error),
                };
                let reply = match reply {
                    Ok(_) if count.load(Ordering::SeqCst) == 0 => {
                        Err(io::Error::other("a reply that nobody asked for"))
                    }
                    reply => reply,
                };
                let failed = reply.is_err();
                if !failed {
                    count.fetch_sub(1, Ordering::SeqCst);
                }
                if sender.send(reply).is_err() || failed {
                    return;
                }
            }
        });
        Ok(Wire { write, replies, expected, next: 0, extensions })
    }

    /// Sends a request; its number.
    pub(super) async fn send(&mut self, kind: u8, body: &[u8]) -> io::Result<u32> {
        self.next = self.next.wrapping_add(1);
        let mut packet = Vec::with_capacity(body.len() + 9);
        packet.extend_from_slice(&(body.len() as u32 + 5).to_be_bytes());
        packet.push(kind);
        packet.extend_from_slice(&self.next.to_be_bytes());
        packet.extend_from_slice(body);
        self.expected.fetch_add(1, Ordering::SeqCst);
        self.write.write_all(&packet).await?;
        Ok(self.next)
    }

    /// The next reply, with the number of its request.
    pub(super) async fn receive(&mut self) -> io::Result<(u32, Reply)> {
        let closed = || io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the channel");
        self.replies.recv().await.ok_or_else(closed)?
    }

    /// A request and its reply, where nothing else is under way.
    pub(super) async fn call(&mut self, kind: u8, body: &[u8]) -> io::Result<Reply> {
        let number = self.send(kind, body).await?;
        let (answered, reply) = self.receive().await?;
        match answered == number {
            true => Ok(reply),
            false => Err(io::Error::other("a reply to another request")),
        }
    }
}

/// A string of the protocol.
pub(super) fn string(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

async fn read_packet(read: &mut ReadHalf<ChannelStream<Msg>>) -> io::Result<Vec<u8>> {
    let length = read.read_u32().await? as usize;
    if length == 0 || length > MAX_PACKET {
        return Err(io::Error::other(format!(
            "a packet of {length} bytes: is it the file protocol, or text of the shell?"
        )));
    }
    let mut packet = vec![0; length];
    read.read_exact(&mut packet).await?;
    Ok(packet)
}

fn parse_reply(packet: &[u8]) -> io::Result<(u32, Reply)> {
    let mut fields = Fields(packet);
    let kind = fields.byte()?;
    let number = fields.number()?;
    let reply = match kind {
        STATUS => match fields.number()? {
            0 => Reply::Done,
            1 => Reply::Eof,
            2 => Reply::Missing,
            code => {
                let text =
                    String::from_utf8_lossy(fields.string().unwrap_or_default()).escape_debug().to_string();
                Reply::Failed(match text.is_empty() {
                    true => format!("the server says no (code {code})"),
                    false => text,
                })
            }
        },
        HANDLE => Reply::Handle(fields.string()?.to_vec()),
        DATA => Reply::Data(fields.string()?.to_vec()),
        ATTRS => {
            let has_size = fields.number()? & 1 != 0;
            Reply::Size(if has_size { Some(fields.long()?) } else { None })
        }
        kind => return Err(io::Error::other(format!("a reply of the kind {kind}, which nobody asked for"))),
    };
    Ok((number, reply))
}

/// The rest of a packet.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> io::Result<&'a [u8]> {
        let cut = || io::Error::other("a packet that ends too soon");
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(cut)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> io::Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn number(&mut self) -> io::Result<u32> {
        Ok(u32::from_be_bytes(self.take(4)?.try_into().expect("four bytes were taken")))
    }

    fn long(&mut self) -> io::Result<u64> {
        Ok(u64::from_be_bytes(self.take(8)?.try_into().expect("eight bytes were taken")))
    }

    fn string(&mut self) -> io::Result<&'a [u8]> {
        let length = self.number()? as usize;
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_packet_makes_it_panic(packet in proptest::collection::vec(any::<u8>(), 0..64), kind in 100u8..106) {
            let _ = parse_reply(&packet);
            let _ = parse_reply(&[&[kind][..], &packet].concat());
        }
    }

    #[test]
    fn replies_are_read() {
        let packet = [&[DATA][..], &7u32.to_be_bytes(), &string(b"abc")].concat();
        assert!(matches!(parse_reply(&packet), Ok((7, Reply::Data(data))) if data == b"abc"));
        assert!(parse_reply(&packet[..packet.len() - 1]).is_err());
        let packet =
            [&[STATUS][..], &7u32.to_be_bytes(), &3u32.to_be_bytes(), &string(b"Permission denied")].concat();
        assert!(matches!(parse_reply(&packet), Ok((7, Reply::Failed(why))) if why == "Permission denied"));
    }
}
