//! From a command to a child: channel, terminal, environment, exec, and the shell's sign that it got there.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Pty};
use tokio::sync::{oneshot, watch};

use super::child::Child;
use super::command::{Command, What};
use super::drain::{Drain, Failed};
use super::marker::Marker;
use super::queue::Queue;
use crate::connection::Connection;
use crate::error::{Error, Phase};
use crate::quote::QuoteError;

/// What the server refused of the requests before the command.
#[derive(Default)]
struct Refused {
    pty: bool,
    names: Vec<String>,
}

impl Connection {
    /// Starts `command` and returns when the remote shell is about to become the program. A program that is missing is
    /// therefore no error here: the shell says so on standard error, and the exit code is 127.
    ///
    /// Dropping the future ends what was started.
    ///
    /// # Errors
    /// [`Error::ChannelRefused`] under the server's MaxSessions, [`Error::RequestRefused`] for a terminal or a command
    /// that the server does not give, [`Error::Start`] if the shell ends before (a wrong `cwd`, a login shell that is no
    /// POSIX shell), [`Error::Timeout`], [`Error::Lost`], [`Error::Quote`].
    pub async fn spawn(&self, command: &Command) -> Result<Child, Error> {
        command.check_env()?;
        // Before anything is sent: what cannot be quoted starts nothing.
        command.remote_line("", &HashSet::new())?;
        let channel: Channel<Msg> = self.session().await?;
        let (mut read, write) = channel.split();
        let limits = &self.target().limits;

        let requests = self.requests(command, &mut read, &write);
        let refused = self.limited(Phase::Channel, limits.channel, requests).await??;
        if refused.pty {
            let _ = write.close().await;
            return Err(Error::RequestRefused { host: self.target().to_string(), request: "a terminal" });
        }

        let nonce = nonce()?;
        let by_env: HashSet<&str> = refused.names.iter().map(String::as_str).collect();
        let line = command.remote_line(&Marker::format(&nonce), &by_env)?;
        let marker = match command.what {
            What::Words(_) => Marker::new(&nonce),
            What::Line(_) => Marker::none(),
        };
        write.exec(true, line).await.map_err(|error| self.channel_error(error))?;

        let expects_group = matches!(command.what, What::Words(_));
        let queue = Arc::new(Queue::new(command.capacity, command.overflow));
        let (ending, ended) = watch::channel(None);
        let (group_sender, group) = watch::channel(None);
        let (started_sender, started) = oneshot::channel();
        let write = Arc::new(write);
        let drain = Drain {
            connection: self.clone(),
            read,
            write: write.clone(),
            queue: queue.clone(),
            ending,
            started: Some(started_sender),
            marker,
            marked_is_stdout: command.pty.is_some(),
            group: group_sender,
            reason: Vec::new(),
        };
        tokio::spawn(drain.run());
        let child = Child::new(self.clone(), write, queue, ended, (group, expects_group), refused.names);
        let failed = |why| Error::Start { host: self.target().to_string(), why };
        match self.limited(Phase::Start, limits.start, started).await? {
            Ok(Ok(())) => Ok(child),
            Ok(Err(Failed::Refused)) => {
                Err(Error::RequestRefused { host: self.target().to_string(), request: "to run a command" })
            }
            Ok(Err(Failed::Shell(why))) => Err(failed(why)),
            Ok(Err(Failed::Lost)) | Err(_) => {
                let why = self.lost().unwrap_or_else(|| "the channel was closed".to_owned());
                Err(Error::Lost { host: self.target().to_string(), why })
            }
        }
    }

    /// Asks for a terminal and for the variables that the server is not known to refuse, all at once; the replies come in
    /// the order of the requests.
    async fn requests(
        &self,
        command: &Command,
        read: &mut ChannelReadHalf,
        write: &ChannelWriteHalf<Msg>,
    ) -> Result<Refused, Error> {
        let mut refused = Refused::default();
        if matches!(command.what, What::Line(_)) && command.pty.is_none() {
            return Ok(refused);
        }
        let known = || self.inner.refused_names.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked: Vec<(String, String)> = Vec::new();
        {
            let known = known();
            for (name, value) in &command.env {
                match std::str::from_utf8(value) {
                    Ok(value) if !known.contains(name) => asked.push((name.clone(), value.to_owned())),
                    _ => refused.names.push(name.clone()),
                }
            }
        }
        let ask = async {
            if let Some(size) = command.pty {
                let (cols, rows) = (u32::from(size.cols()), u32::from(size.rows()));
                write.request_pty(true, &command.term, cols, rows, 0, 0, &[(Pty::IUTF8, 1)]).await?;
            }
            for (name, value) in &asked {
                write.set_env(true, name.clone(), value.clone()).await?;
            }
            Ok(())
        };
        let listen = async {
            let mut replies = Vec::new();
            while replies.len() < asked.len() + usize::from(command.pty.is_some()) {
                match read.wait().await {
                    Some(ChannelMsg::Success) => replies.push(true),
                    Some(ChannelMsg::Failure) => replies.push(false),
                    Some(ChannelMsg::Close) | None => break,
                    Some(_) => {}
                }
            }
            replies
        };
        let (sent, replies): (Result<(), russh::Error>, Vec<bool>) = tokio::join!(ask, listen);
        sent.map_err(|error| self.channel_error(error))?;
        let mut replies = replies.into_iter();
        if command.pty.is_some() {
            refused.pty = !replies.next().unwrap_or(false);
        }
        for (name, _) in asked {
            if !replies.next().unwrap_or(false) {
                let mut known = known();
                // A bound, not a limit: who sets more names asks again.
                if known.len() < 1000 && !known.contains(&name) {
                    known.push(name.clone());
                }
                refused.names.push(name);
            }
        }
        Ok(refused)
    }
}

/// What tells our mark from the output of others.
fn nonce() -> Result<String, QuoteError> {
    let mut bytes = [0; 8];
    // Without randomness a mark of zeros still works: it is no secret.
    let _ = getrandom::fill(&mut bytes);
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
