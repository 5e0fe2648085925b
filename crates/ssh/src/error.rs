//! What can go wrong between here and a program on another host.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::known_hosts::Place;
use crate::{HostError, QuoteError};

/// Why something on another host failed. Hosts are named as they are dialled: `host:port`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A text that is no host.
    #[error(transparent)]
    Host(#[from] HostError),
    /// Words that cannot be a command line.
    #[error(transparent)]
    Quote(#[from] QuoteError),
    /// No connection: the name is unknown, nothing listens, or the network is down.
    #[error("cannot connect to {host}: {source}")]
    Connect {
        /// Whom.
        host: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A phase took longer than it may.
    #[error("{host}: {phase} took longer than {} ms", limit.as_millis())]
    Timeout {
        /// Whom.
        host: String,
        /// What was going on.
        phase: Phase,
        /// The limit.
        limit: Duration,
    },
    /// The server's key was not accepted; nothing was sent but the key exchange.
    #[error("{host}: {reason} (the server's key is {fingerprint})")]
    HostKey {
        /// Whom.
        host: String,
        /// `SHA256:...` of what the server showed.
        fingerprint: String,
        /// Why not.
        reason: HostKeyRefusal,
    },
    /// The server let no way of logging in pass.
    #[error(
        "{host} lets {user} not log in: tried {}, it would take {}",
        listed(tried, "nothing"),
        listed(remaining, "nothing else")
    )]
    Authentication {
        /// Whom.
        host: String,
        /// As whom.
        user: String,
        /// What was tried, in order: never a secret.
        tried: Vec<String>,
        /// The methods that the server would take.
        remaining: Vec<String>,
    },
    /// A key file that cannot be used.
    #[error("cannot use the key {}: {why}", path.display())]
    Key {
        /// Which.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A known_hosts file that cannot be read or written.
    #[error("known hosts: {0}")]
    KnownHosts(io::Error),
    /// The host configuration asks for something that is not done.
    #[error("{host}: the SSH configuration says {keyword}, which {why}")]
    Configuration {
        /// Whom.
        host: String,
        /// `keyword value`.
        keyword: String,
        /// What is wrong with that, and what to do.
        why: String,
    },
    /// The server does not open another channel, mostly because MaxSessions are open.
    #[error("{host} opens no further channel ({why}): fewer at once, or raise MaxSessions there")]
    ChannelRefused {
        /// Whom.
        host: String,
        /// The server's reason.
        why: String,
    },
    /// The server refuses what a command needs.
    #[error("{host} refuses {request}")]
    RequestRefused {
        /// Whom.
        host: String,
        /// What.
        request: &'static str,
    },
    /// The remote shell did not get as far as the program.
    #[error("{host}: the remote shell did not start the command: {why}")]
    Start {
        /// Whom.
        host: String,
        /// What it said, or what is missing.
        why: String,
    },
    /// A hop of the way failed.
    #[error("by way of {host}: {source}")]
    Jump {
        /// Which hop.
        host: String,
        /// Its error.
        source: Box<Error>,
    },
    /// The connection is gone.
    #[error("{host}: the connection was lost: {why}")]
    Lost {
        /// Whom.
        host: String,
        /// As far as it is known.
        why: String,
    },
    /// A file could not be carried over.
    #[error("{host}: {path}: {why}")]
    File {
        /// Whom.
        host: String,
        /// The path, there or here.
        path: String,
        /// Why not.
        why: String,
    },
}

/// What a connection goes through, each with a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Reading the SSH configuration by `ssh -G`.
    Configuration,
    /// Name, TCP, version, key exchange, host key.
    Connect,
    /// Authentication, prompts included.
    Authentication,
    /// Opening a channel and its requests.
    Channel,
    /// The remote shell's way to the program.
    Start,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Configuration => "reading the configuration",
            Phase::Connect => "connecting",
            Phase::Authentication => "authentication",
            Phase::Channel => "opening a channel",
            Phase::Start => "starting the command",
        })
    }
}

/// Why a host's key is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostKeyRefusal {
    /// No line of the known_hosts files has it.
    Unknown,
    /// Lines have other keys for the host: it was set up anew, or somebody is in between.
    Changed(Vec<Place>),
    /// A line revokes it.
    Revoked(Place),
    /// It is none of the pinned ones.
    NotPinned,
    /// Its certificate does not hold.
    Certificate(String),
    /// It could not be made known.
    NotWritten(String),
}

impl fmt::Display for HostKeyRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostKeyRefusal::Unknown => f.write_str(
                "the host is not known: compare the fingerprint with the host's, then add the key to known_hosts or pin it",
            ),
            HostKeyRefusal::Changed(places) => {
                f.write_str("THE HOST KEY IS NOT THE KNOWN ONE: somebody may be in between, or the host was set up anew; known at ")?;
                for (number, place) in places.iter().enumerate() {
                    write!(f, "{}{place}", if number > 0 { ", " } else { "" })?;
                }
                Ok(())
            }
            HostKeyRefusal::Revoked(place) => write!(f, "the host key is revoked by {place}"),
            HostKeyRefusal::NotPinned => f.write_str("the host key is none of the pinned ones"),
            HostKeyRefusal::Certificate(why) => write!(f, "the host certificate does not hold: {why}"),
            HostKeyRefusal::NotWritten(why) => write!(f, "the new host key could not be made known: {why}"),
        }
    }
}

fn listed(words: &[String], none: &str) -> String {
    match words.is_empty() {
        true => none.to_owned(),
        false => words.join(", "),
    }
}
