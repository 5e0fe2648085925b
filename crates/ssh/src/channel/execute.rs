//! Run, capture, wait: the short way.

use std::collections::VecDeque;

use bytes::Bytes;
use tokio::sync::mpsc;
use vetty_process::Exit;

use super::command::Command;
use super::queue::Chunk;
use crate::connection::Connection;
use crate::error::Error;

/// What is kept of each stream, half of it from the beginning and half from the end.
const CAPTURE: usize = 1024 * 1024;

/// What a program wrote, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Output {
    /// How it ended.
    pub exit: Exit,
    /// Its standard output, or all that its terminal got; of more than 1 MiB the beginning and the end.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
    /// How many bytes of both were left out.
    pub omitted: u64,
    /// A descendant held the output after the end: there may have been more.
    pub incomplete: bool,
    /// Variables that the server did not take by request, and that were set by `env`.
    pub refused_env: Vec<String>,
}

/// The beginning and the end of a stream.
#[derive(Default)]
struct Capture {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    omitted: u64,
}

impl Capture {
    fn add(&mut self, data: &[u8]) {
        let (head, tail) = data.split_at(data.len().min(CAPTURE / 2 - self.head.len()));
        self.head.extend_from_slice(head);
        self.tail.extend(tail);
        let over = self.tail.len().saturating_sub(CAPTURE / 2);
        self.tail.drain(..over);
        self.omitted += over as u64;
    }

    fn into_bytes(mut self) -> Vec<u8> {
        self.head.extend(self.tail);
        self.head
    }
}

impl Connection {
    /// Runs `command` with `input` as its standard input, and gives what it wrote when it has ended, whatever its exit
    /// code. Dropping the future kills it.
    ///
    /// # Errors
    /// As [`Connection::spawn`]. A connection that is lost later is no error: the exit is [`Exit::Lost`].
    pub async fn execute(&self, command: &Command, input: impl Into<Bytes>) -> Result<Output, Error> {
        let child = self.spawn(command).await?;
        child.capture(input.into()).await
    }
}

impl super::Child {
    /// Writes `input`, reads all output, waits for the end.
    pub(crate) async fn capture(self, input: Bytes) -> Result<Output, Error> {
        self.capture_and_tell(input, None).await
    }

    /// The same, and sends each piece of output to `listener` too, which slows the reading if it is slow.
    pub(crate) async fn capture_and_tell(
        self,
        input: Bytes,
        listener: Option<mpsc::Sender<Chunk>>,
    ) -> Result<Output, Error> {
        let (mut stdout, mut stderr, mut omitted) = (Capture::default(), Capture::default(), 0);
        let feed = async {
            // A program that does not want its input, or ends before it has all, is none of our business.
            if !input.is_empty() && self.write(input).await.is_err() {
                return;
            }
            let _ = self.end_input().await;
        };
        let read = async {
            while let Some(chunk) = self.next().await {
                match &chunk {
                    Chunk::Stdout(data) => stdout.add(data),
                    Chunk::Stderr(data) => stderr.add(data),
                    Chunk::Gap(bytes) => omitted += bytes,
                }
                if let Some(listener) = &listener {
                    // Who does not listen any more still gets the output as a whole.
                    let _ = listener.send(chunk).await;
                }
            }
        };
        tokio::join!(feed, read);
        let ending = self.wait().await;
        let omitted = omitted + stdout.omitted + stderr.omitted;
        Ok(Output {
            exit: ending.exit,
            stdout: stdout.into_bytes(),
            stderr: stderr.into_bytes(),
            omitted,
            incomplete: ending.incomplete,
            refused_env: self.refused_env().to_vec(),
        })
    }
}
