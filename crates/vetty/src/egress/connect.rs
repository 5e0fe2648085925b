//! Where a connection may lead, and the connection.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpStream;
use vetty_sandbox::Hosts;

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) host: Host,
    pub(super) port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    Name(String),
    Address(IpAddr),
}

impl Target {
    /// From a text that may be either, an address of the sixth version in brackets or not.
    pub(super) fn new(host: &str, port: u16) -> Target {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let host = match bare.parse() {
            Ok(address) => Host::Address(address),
            Err(_) => Host::Name(host.to_owned()),
        };
        Target { host, port }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            // What a program wrote.
            Host::Name(name) => write!(f, "{}:{}", name.escape_default(), self.port),
            Host::Address(address) => SocketAddr::new(*address, self.port).fmt(f),
        }
    }
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The host, or its port, is not listed.
    NotListed,
    /// All its addresses are private and not listed.
    Private,
    /// Nothing is known by that name.
    Unknown,
    /// It does not answer.
    Unreachable,
    /// The audit trail takes no event.
    Unrecorded,
}

impl Refusal {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Refusal::NotListed => "the host and port are not in sandbox.network.hosts",
            Refusal::Private => "the name leads to a private address that is not in sandbox.network.hosts",
            Refusal::Unknown => "the name is not known",
            Refusal::Unreachable => "the host does not answer",
            Refusal::Unrecorded => "the audit trail is full, and nothing happens that it does not tell of",
        }
    }
}

/// Looks names up.
pub(super) trait Resolve: Send + Sync + 'static {
    /// The addresses of a name.
    fn resolve(&self, name: &str, port: u16) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;
}

/// As the host's other programs do.
pub(super) struct System;

impl Resolve for System {
    async fn resolve(&self, name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((name, port)).await?.collect())
    }
}

/// Connects to what is permitted. The name is looked up once, and what was judged is what is connected to.
pub(super) async fn connect<R: Resolve>(
    target: &Target,
    hosts: &Hosts,
    resolver: &R,
) -> Result<TcpStream, Refusal> {
    let port = target.port;
    let addresses = match &target.host {
        Host::Address(address) if hosts.list_address(*address, port) => vec![SocketAddr::new(*address, port)],
        Host::Name(name) if hosts.permit_name(name, port) => {
            let all = resolver.resolve(name, port).await.map_err(|_| Refusal::Unknown)?;
            if all.is_empty() {
                return Err(Refusal::Unknown);
            }
            let permitted =
                |address: &SocketAddr| address.port() == port && hosts.permit_resolved(address.ip(), port);
            all.into_iter().filter(permitted).collect()
        }
        _ => return Err(Refusal::NotListed),
    };
    if addresses.is_empty() {
        return Err(Refusal::Private);
    }
    for address in addresses {
        if let Ok(server) = TcpStream::connect(address).await {
            // Small messages of a handshake are not held back.
            drop(server.set_nodelay(true));
            return Ok(server);
        }
    }
    Err(Refusal::Unreachable)
}
