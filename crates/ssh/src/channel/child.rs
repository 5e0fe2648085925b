//! A program that runs on another host.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use russh::ChannelWriteHalf;
use russh::client::Msg;
use tokio::sync::{Mutex, watch};
use vetty_process::{Exit, Signal, Size};

use super::aside;
use super::queue::{Chunk, Queue};
use crate::connection::Connection;
use crate::error::Error;

/// How long the end is waited for after SIGKILL.
const AFTER_KILL: Duration = Duration::from_secs(10);

/// How a program ended. Known after the last byte of its output.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ending {
    /// Its exit code or signal; [`Exit::Lost`] where neither came, with the reason, as when the connection was lost.
    pub exit: Exit,
    /// A descendant held the output after the program had ended, and was killed or left: there may have been more.
    pub incomplete: bool,
}

/// What [`Child::close`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// How the program ended.
    pub exit: Exit,
    /// How many processes of its group and session outlived it and were killed. `None`: they could not be looked for,
    /// because the connection is gone, or the command was a [`Command::line`](super::Command::line).
    pub survivors: Option<usize>,
}

/// A program on another host. Its output is taken from the connection at all times; what waits here for a reader is
/// bounded, see [`Overflow`](super::Overflow).
///
/// Dropping it ends the program in the background, as [`Child::close`] does without a grace; that needs the runtime to go
/// on for a moment.
#[derive(Debug)]
pub struct Child {
    link: Option<Link>,
    queue: Arc<Queue>,
    ended: watch::Receiver<Option<Ending>>,
    refused_env: Vec<String>,
    writing: Mutex<()>,
    /// Gives its place on the connection back.
    pub(crate) permit: Option<tokio::sync::OwnedSemaphorePermit>,
}

/// What reaches the program.
#[derive(Debug, Clone)]
struct Link {
    connection: Connection,
    write: Arc<ChannelWriteHalf<Msg>>,
    /// Sent when the program has started.
    group: watch::Receiver<Option<u32>>,
    /// Not for a line: its group is never known.
    expects_group: bool,
    ended: watch::Receiver<Option<Ending>>,
}

impl Child {
    pub(super) fn new(
        connection: Connection,
        write: Arc<ChannelWriteHalf<Msg>>,
        queue: Arc<Queue>,
        ended: watch::Receiver<Option<Ending>>,
        (group, expects_group): (watch::Receiver<Option<u32>>, bool),
        refused_env: Vec<String>,
    ) -> Child {
        let link = Some(Link { connection, write, group, expects_group, ended: ended.clone() });
        Child { link, queue, ended, refused_env, writing: Mutex::new(()), permit: None }
    }

    fn link(&self) -> &Link {
        self.link.as_ref().expect("the link is taken only when the child is closed or dropped")
    }

    /// The process id on the remote side, which is also its group's and session's; unknown for a
    /// [`Command::line`](super::Command::line).
    pub fn id(&self) -> Option<u32> {
        self.link().group()
    }

    /// The connection that it runs on.
    pub fn connection(&self) -> &Connection {
        &self.link().connection
    }

    /// Variables that the server did not take by request and that were set by `env` on the remote side.
    pub fn refused_env(&self) -> &[String] {
        &self.refused_env
    }

    /// The next piece of output; `None` after the last. Cancel-safe.
    pub async fn next(&self) -> Option<Chunk> {
        self.queue.next().await
    }

    /// How it ended, once it has and all its output has come (which need not be read for that). Cancel-safe.
    pub async fn wait(&self) -> Ending {
        wait(&self.ended).await
    }

    /// Writes to its standard input or terminal; returns when all is handed to the connection, which waits while the
    /// program does not read. If the future is dropped a part may have been written.
    ///
    /// # Errors
    /// [`Error::Lost`] if it has ended.
    pub async fn write(&self, data: impl Into<Bytes>) -> Result<(), Error> {
        let link = self.link();
        let _turn = self.writing.lock().await;
        tokio::select! {
            biased;
            written = link.write.data_bytes(data) => written.map_err(|error| link.connection.channel_error(error)),
            ending = wait(&link.ended) => Err(link.gone(&ending)),
        }
    }

    /// Closes its standard input. On a terminal write the end-of-file character, `\x04`, instead.
    ///
    /// # Errors
    /// [`Error::Lost`] if the connection is gone.
    pub async fn end_input(&self) -> Result<(), Error> {
        let _turn = self.writing.lock().await;
        self.link().write.eof().await.map_err(|error| self.link().connection.channel_error(error))
    }

    /// Gives its terminal a new size; the program gets SIGWINCH.
    ///
    /// # Errors
    /// [`Error::Lost`] if the connection is gone.
    pub async fn resize(&self, size: Size) -> Result<(), Error> {
        let (cols, rows) = (u32::from(size.cols()), u32::from(size.rows()));
        self.link()
            .write
            .window_change(cols, rows, 0, 0)
            .await
            .map_err(|error| self.connection().channel_error(error))
    }

    /// Sends a signal to its process group, by `kill` on a channel beside, or on a connection made for that where the
    /// server opens no further channel; if that fails, and for a [`Command::line`](super::Command::line), by the protocol's
    /// request, which servers may ignore. Whether it is known to have arrived.
    ///
    /// # Errors
    /// [`Error::Lost`], [`Error::Timeout`].
    pub async fn signal(&self, signal: Signal) -> Result<bool, Error> {
        self.link().signal(signal).await
    }

    /// Ends it: SIGTERM to its group, after `grace` SIGKILL, and at last SIGKILL to what is left of its group and session.
    /// If it has ended already only the latter is done.
    ///
    /// A process that has gone into a session of its own (`setsid`, a daemon) is not found, as on this machine without a
    /// cgroup. Dropping the future ends the child as dropping the child does.
    ///
    /// # Errors
    /// What is left could not be looked for: [`Error::Timeout`], or as [`Connection::dial`].
    pub async fn close(mut self, grace: Duration) -> Result<Closed, Error> {
        self.queue.abandon();
        let closed = self.link().close(Some(grace)).await;
        self.link = None;
        closed
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.queue.abandon();
        let Some(link) = self.link.take() else { return };
        if link.ended.borrow().is_some() {
            return;
        }
        let permit = self.permit.take();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = link.close(None).await {
                    tracing::warn!(%error, "a remote program may still run");
                }
                drop(permit);
            });
        }
    }
}

impl Link {
    fn gone(&self, ending: &Ending) -> Error {
        Error::Lost {
            host: self.connection.target().to_string(),
            why: format!("the program has ended: {}", ending.exit),
        }
    }

    async fn signal(&self, signal: Signal) -> Result<bool, Error> {
        if let Some(group) = self.group() {
            match aside::signal_group(&self.connection, group, signal).await {
                // The connection is there, and no way for `kill`.
                Err(_) if self.connection.lost().is_none() => {}
                done => return done,
            }
        }
        let request = self.write.signal(aside::requested(signal));
        request.await.map_err(|error| self.connection.channel_error(error))?;
        Ok(false)
    }

    async fn ended_within(&self, limit: Duration) -> bool {
        tokio::time::timeout(limit, wait(&self.ended)).await.is_ok()
    }

    fn group(&self) -> Option<u32> {
        *self.group.borrow()
    }

    /// Waits until the group is known, the program has ended, or `limit` has passed.
    async fn group_within(&self, limit: Duration) {
        let mut group = self.group.clone();
        tokio::select! {
            _ = group.wait_for(Option::is_some) => {}
            _ = wait(&self.ended) => {}
            () = tokio::time::sleep(limit) => {}
        }
    }

    async fn close(&self, grace: Option<Duration>) -> Result<Closed, Error> {
        // Whoever gives up while the remote shell starts is not to leave what it becomes.
        if self.expects_group {
            self.group_within(self.connection.target().limits.start).await;
        }
        let running = self.ended.borrow().is_none();
        if let Some(grace) = grace.filter(|_| running) {
            let _ = self.signal(Signal::TERM).await;
            self.ended_within(grace).await;
        }
        if self.ended.borrow().is_none() {
            let _ = self.signal(Signal::KILL).await;
        }
        let gone = self.connection.lost().is_some();
        let swept = match self.group() {
            Some(group) if !gone => Some(aside::sweep(&self.connection, group).await),
            _ => None,
        };
        if !self.ended_within(AFTER_KILL).await {
            // The status is given up: what the server says after this is not heard.
            let _ = self.write.eof().await;
            let _ = self.write.close().await;
        }
        let known = self.ended.borrow().clone();
        let exit = known
            .map_or_else(|| Exit::Lost("it did not end when it was killed".to_owned()), |ending| ending.exit);
        Ok(Closed { exit, survivors: swept.transpose()? })
    }
}

async fn wait(ended: &watch::Receiver<Option<Ending>>) -> Ending {
    let mut ended = ended.clone();
    match ended.wait_for(Option::is_some).await {
        Ok(ending) => ending.clone().unwrap_or_else(no_end),
        Err(_) => no_end(),
    }
}

/// The runtime went away with the task that drained the channel.
fn no_end() -> Ending {
    Ending { exit: Exit::Lost("the runtime was shut down".to_owned()), incomplete: true }
}
