//! The task that takes all that comes by a channel, at all times, so that no reader can stall the connection.

use std::sync::Arc;
use std::time::Duration;

use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::sync::{oneshot, watch};
use vetty_process::Exit;

use super::aside;
use super::child::Ending;
use super::marker::{Marker, State};
use super::queue::{Chunk, Queue};
use crate::connection::Connection;

/// How long output may be silent after the program has ended, before those who hold it are killed.
const HELD_OUTPUT: Duration = Duration::from_secs(1);

/// How long the end of a channel is waited for after that.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// How much of the output tells why a command did not start.
const MAX_REASON: usize = 512;

/// How a start ended.
pub(super) type Started = Result<(), Failed>;

pub(super) enum Failed {
    /// The server does not run commands, or not this one.
    Refused,
    /// The shell ended before the program, saying this.
    Shell(String),
    /// The connection did.
    Lost,
}

pub(super) struct Drain {
    pub(super) connection: Connection,
    pub(super) read: ChannelReadHalf,
    pub(super) write: Arc<ChannelWriteHalf<Msg>>,
    pub(super) queue: Arc<Queue>,
    pub(super) ending: watch::Sender<Option<Ending>>,
    pub(super) started: Option<oneshot::Sender<Started>>,
    /// Of standard error, or of standard output on a terminal.
    pub(super) marker: Marker,
    pub(super) marked_is_stdout: bool,
    /// The process group, once it is known.
    pub(super) group: watch::Sender<Option<u32>>,
    /// The beginning of the output, until the program has started.
    pub(super) reason: Vec<u8>,
}

impl Drain {
    pub(super) async fn run(mut self) {
        let mut exit = None;
        let mut incomplete = false;
        let mut swept = false;
        loop {
            let message = match (&exit, swept) {
                (None, _) => self.read.wait().await,
                (Some(_), false) => match tokio::time::timeout(HELD_OUTPUT, self.read.wait()).await {
                    Ok(message) => message,
                    Err(_) => {
                        // A descendant holds the output and says nothing.
                        incomplete = true;
                        swept = true;
                        let group = *self.group.borrow();
                        if let Some(group) = group {
                            let _ = aside::sweep(&self.connection, group).await;
                        }
                        continue;
                    }
                },
                (Some(_), true) => match tokio::time::timeout(LAST_WAIT, self.read.wait()).await {
                    Ok(message) => message,
                    Err(_) => {
                        let _ = self.write.close().await;
                        None
                    }
                },
            };
            match message {
                None | Some(ChannelMsg::Close) => break,
                Some(ChannelMsg::Data { data }) => self.output(data, true).await,
                Some(ChannelMsg::ExtendedData { data, ext: 1 }) => self.output(data, false).await,
                Some(ChannelMsg::ExitStatus { exit_status }) => {
                    exit = Some(Exit::Exited(i32::try_from(exit_status).unwrap_or(i32::MAX)));
                }
                Some(ChannelMsg::ExitSignal { signal_name, core_dumped, .. }) => {
                    exit = Some(match aside::reported(&signal_name) {
                        Some(signal) => Exit::Signaled { signal, core_dumped },
                        None => Exit::Lost(format!(
                            "the server names a signal that is not known here: {signal_name:?}"
                        )),
                    });
                }
                Some(ChannelMsg::Success) if self.marker.state() == State::Absent => self.tell(Ok(())),
                Some(ChannelMsg::Failure) => self.tell(Err(Failed::Refused)),
                // EOF among them: programs close their output long before they end.
                Some(_) => {}
            }
        }
        let rest = self.marker.rest();
        self.pass(rest, self.marked_is_stdout).await;
        let exit = exit.unwrap_or_else(|| {
            Exit::Lost(match self.connection.lost() {
                Some(why) => format!("the connection was lost: {why}"),
                None => "the server closed the channel without a status".to_owned(),
            })
        });
        let reason = String::from_utf8_lossy(&self.reason).trim().escape_debug().to_string();
        self.tell(Err(match self.connection.lost() {
            Some(_) => Failed::Lost,
            None => Failed::Shell(format!("{exit}, {reason:?}")),
        }));
        self.queue.end();
        self.ending.send_replace(Some(Ending { exit, incomplete }));
    }

    async fn output(&mut self, data: bytes::Bytes, is_stdout: bool) {
        if is_stdout != self.marked_is_stdout || self.marker.state() != State::Waiting {
            return self.pass(data, is_stdout).await;
        }
        let data = self.marker.feed(data);
        self.pass(data, is_stdout).await;
        if let State::Found(group) = self.marker.state() {
            self.group.send_replace(Some(group));
            self.tell(Ok(()));
        }
    }

    async fn pass(&mut self, data: bytes::Bytes, is_stdout: bool) {
        if data.is_empty() {
            return;
        }
        if self.started.is_some() {
            let room = MAX_REASON.saturating_sub(self.reason.len());
            self.reason.extend_from_slice(&data[..data.len().min(room)]);
        }
        self.queue.push(if is_stdout { Chunk::Stdout(data) } else { Chunk::Stderr(data) }).await;
    }

    fn tell(&mut self, started: Started) {
        if let Some(sender) = self.started.take() {
            // Who gave up waiting does not want to know.
            let _ = sender.send(started);
        }
    }
}
