//! Whom to connect to, by which way, as whom, and how long anything may take.

use std::path::PathBuf;
use std::time::Duration;

use crate::Host;
use crate::auth::Login;
use crate::host_key::{HostKeys, Verifier};
use crate::known_hosts::KnownHosts;
use crate::{Error, error::HostKeyRefusal};

/// The most hops of a way; OpenSSH has no limit, and nobody a reason for more.
pub const MAX_HOPS: usize = 8;

/// A host and all that a connection to it needs. Nothing is read from the user's SSH configuration: that is
/// what [`Configuration`](crate::Configuration) does.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Target {
    /// The address that is dialled, the user and the port. Without a user the one who runs this process, without a port
    /// 22.
    pub host: Host,
    /// The name under which its key is known, if that is another than the address (`HostKeyAlias`).
    pub known_as: Option<String>,
    /// Which keys of the host are accepted. Default: known ones.
    pub host_keys: HostKeys,
    /// The known_hosts files; a new key goes into the first. Default: the user's two and the system's two.
    pub known_hosts: Vec<PathBuf>,
    /// As whom, and how that is shown.
    pub login: Login,
    /// The hops to go by, in order, each with a key to verify and a login of its own. Default: none, at most 8.
    pub jump: Vec<Target>,
    /// How long things may take.
    pub limits: Limits,
    /// A new key exchange after this many bytes in one direction, at most and by default 1 GiB.
    pub rekey_bytes: usize,
}

/// How long things may take.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Name, TCP, key exchange. Default 15 s.
    pub connect: Duration,
    /// Each step of authentication, without prompts. Default 20 s.
    pub authentication: Duration,
    /// Each prompt. Default 60 s.
    pub prompt: Duration,
    /// Opening a channel, with its requests. Default 15 s.
    pub channel: Duration,
    /// The remote shell's way to the program: its start-up files count. Default 30 s.
    pub start: Duration,
    /// A sign of life is asked for after this silence, and three without an answer end the connection. Default 15 s; zero
    /// asks for none.
    pub keepalive: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let seconds = Duration::from_secs;
        Limits {
            connect: seconds(15),
            authentication: seconds(20),
            prompt: seconds(60),
            channel: seconds(15),
            start: seconds(30),
            keepalive: seconds(15),
        }
    }
}

impl Target {
    /// A host with the defaults: known keys, the user's agent and default key files, no hop.
    pub fn new(host: Host) -> Target {
        let mut known_hosts = Vec::new();
        if let Some(home) = std::env::home_dir() {
            known_hosts.extend(["known_hosts", "known_hosts2"].map(|name| home.join(".ssh").join(name)));
        }
        known_hosts.extend(["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"].map(PathBuf::from));
        Target {
            host,
            known_as: None,
            host_keys: HostKeys::default(),
            known_hosts,
            login: Login::default(),
            jump: Vec::new(),
            limits: Limits::default(),
            rekey_bytes: 1 << 30,
        }
    }

    /// The port: the host's, else 22.
    pub fn port(&self) -> u16 {
        self.host.port.unwrap_or(22)
    }

    /// The user: the host's, else the one who runs this process by `USER`, `LOGNAME` or `USERNAME`.
    ///
    /// # Errors
    /// No user is named anywhere.
    pub fn user(&self) -> Result<String, Error> {
        let named = |name| std::env::var(name).ok().filter(|user| !user.is_empty());
        self.host
            .user
            .clone()
            .or_else(|| ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(named))
            .ok_or_else(|| Error::Configuration {
                host: self.to_string(),
                keyword: "no user".to_owned(),
                why: "is needed, since the environment names none: write user@host".to_owned(),
            })
    }

    /// Reads the known_hosts files.
    pub(crate) fn verifier(&self) -> Result<Verifier, Error> {
        if let HostKeys::Pinned(pins) = &self.host_keys
            && let Some(pin) = pins.iter().find(|pin| !pin.starts_with("SHA256:"))
        {
            let why = format!("{pin:?} is no fingerprint, which begins with SHA256:");
            let reason = HostKeyRefusal::Certificate(why);
            return Err(Error::HostKey {
                host: self.to_string(),
                fingerprint: "not asked for".to_owned(),
                reason,
            });
        }
        Ok(Verifier {
            host: self.known_as.clone().unwrap_or_else(|| self.host.name.clone()),
            // An alias stands for itself, whatever the port.
            port: if self.known_as.is_some() { 22 } else { self.port() },
            accepted: self.host_keys.clone(),
            known: KnownHosts::load(&self.known_hosts).map_err(Error::KnownHosts)?,
            file: self.known_hosts.first().cloned(),
        })
    }
}

impl std::fmt::Display for Target {
    /// `host:port`, as it is dialled.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Host { user: None, port: Some(self.port()), ..self.host.clone() }.fmt(f)
    }
}
