//! One connection: dialled, its host's key verified, logged in, watched until it is lost.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use russh::client::{self, DisconnectReason, Handle};
use russh::keys::PublicKeyOrCertificate;
use russh::{Channel, ChannelOpenFailure, Disconnect, Preferred, cipher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::auth;
use crate::error::{Error, Phase};
use crate::host_key::{Receipt, Verifier};
use crate::target::{MAX_HOPS, Target};

/// What the server may send before we say that there is room again. Bounds what a channel keeps in memory.
pub(crate) const WINDOW: u32 = 2 * 1024 * 1024;

/// Messages that wait between the connection and the task that drains a channel.
const CHANNEL_MESSAGES: usize = 16;

/// A connection to a host, by which any number of channels go. Cloning shares it. It stays until it is closed, or until
/// the last clone and the last child of it are dropped.
#[derive(Debug, Clone)]
pub struct Connection {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) handle: Handle<Guard>,
    pub(crate) target: Target,
    pub(crate) lost: watch::Receiver<Option<String>>,
    pub(crate) refused_names: Mutex<Vec<String>>,
    receipt: Receipt,
    /// The hop that carries this connection.
    _hop: Option<Connection>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("host", &self.target.to_string()).finish_non_exhaustive()
    }
}

impl Connection {
    /// Dials `target`, by way of its hops, verifies each host's key and logs in. Dropping the future gives it all up.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::HostKey`], [`Error::Authentication`], [`Error::Timeout`] by their phases, of a hop as
    /// [`Error::Jump`]; [`Error::Key`] and [`Error::KnownHosts`] for files that cannot be used.
    pub async fn dial(target: &Target) -> Result<Connection, Error> {
        if target.jump.len() > MAX_HOPS {
            return Err(Error::Configuration {
                host: target.to_string(),
                keyword: format!("{} hops", target.jump.len()),
                why: format!("are more than {MAX_HOPS}"),
            });
        }
        let mut hop: Option<Connection> = None;
        for next in &target.jump {
            let by_way = |source: Error| Error::Jump { host: next.to_string(), source: Box::new(source) };
            hop = Some(Box::pin(dial_one(next, hop)).await.map_err(by_way)?);
        }
        dial_one(target, hop).await
    }

    /// The key that the host proved to have, and why it was accepted.
    pub fn receipt(&self) -> &Receipt {
        &self.inner.receipt
    }

    /// Whom it leads to.
    pub fn target(&self) -> &Target {
        &self.inner.target
    }

    /// Why the connection is gone, if it is.
    pub fn lost(&self) -> Option<String> {
        let told = self.inner.lost.borrow().clone();
        told.or_else(|| self.inner.handle.is_closed().then(|| "it was closed".to_owned()))
    }

    /// Waits until the connection is gone, and says why. Cancel-safe.
    pub async fn until_lost(&self) -> String {
        let mut lost = self.inner.lost.clone();
        match lost.wait_for(Option::is_some).await {
            Ok(told) => told.clone().unwrap_or_default(),
            Err(_) => "it was closed".to_owned(),
        }
    }

    /// Says goodbye to the server and closes the connection; what still runs on it ends as lost, and sshd ends with the
    /// connection what runs on a terminal.
    pub async fn close(&self) {
        let goodbye = self.inner.handle.disconnect(Disconnect::ByApplication, "", "en");
        // Whoever does not take a goodbye is left without.
        let _ = tokio::time::timeout(Duration::from_secs(5), goodbye).await;
    }

    /// Opens a session channel.
    pub(crate) async fn session(&self) -> Result<Channel<client::Msg>, Error> {
        let open = self.inner.handle.channel_open_session();
        self.limited(Phase::Channel, self.inner.target.limits.channel, open)
            .await?
            .map_err(|error| self.channel_error(error))
    }

    pub(crate) fn channel_error(&self, error: russh::Error) -> Error {
        let host = self.inner.target.to_string();
        match error {
            russh::Error::ChannelOpenFailure(why) => Error::ChannelRefused {
                host,
                why: match why {
                    ChannelOpenFailure::AdministrativelyProhibited => "prohibited".to_owned(),
                    ChannelOpenFailure::ConnectFailed => "open failed".to_owned(),
                    ChannelOpenFailure::ResourceShortage => "resource shortage".to_owned(),
                    ChannelOpenFailure::UnknownChannelType => "unknown type".to_owned(),
                    ChannelOpenFailure::Other { code, reason } => format!("code {code}, {reason:?}"),
                },
            },
            error => Error::Lost { host, why: self.lost().unwrap_or_else(|| error.to_string()) },
        }
    }

    /// A step, within its time and as long as the connection is there.
    pub(crate) async fn limited<T>(
        &self,
        phase: Phase,
        limit: Duration,
        step: impl Future<Output = T>,
    ) -> Result<T, Error> {
        let host = || self.inner.target.to_string();
        tokio::select! {
            biased;
            done = step => Ok(done),
            why = self.until_lost() => Err(Error::Lost { host: host(), why }),
            () = tokio::time::sleep(limit) => Err(Error::Timeout { host: host(), phase, limit }),
        }
    }
}

async fn dial_one(target: &Target, hop: Option<Connection>) -> Result<Connection, Error> {
    let host = || target.to_string();
    let verifier = {
        let target = target.clone();
        // Files are read.
        let load = tokio::task::spawn_blocking(move || target.verifier());
        load.await.map_err(|error| Error::KnownHosts(std::io::Error::other(error)))??
    };
    let limit = target.limits.connect;
    let (lost_sender, lost) = watch::channel(None);
    let receipt = Arc::new(Mutex::new(None));
    let config = Arc::new(configuration(target, &verifier));
    let guard = Guard { verifier, receipt: receipt.clone(), lost: lost_sender };
    let dial = async {
        match &hop {
            None => {
                let address = (target.host.name.as_str(), target.port());
                let stream = TcpStream::connect(address)
                    .await
                    .map_err(|source| Error::Connect { host: host(), source })?;
                // Keys and their echo do not wait for each other.
                stream.set_nodelay(true).map_err(|source| Error::Connect { host: host(), source })?;
                handshake(config, stream, guard, target).await
            }
            Some(hop) => {
                let port = u32::from(target.port());
                let open = hop.inner.handle.channel_open_direct_tcpip(
                    target.host.name.clone(),
                    port,
                    "127.0.0.1",
                    0,
                );
                let channel = open.await.map_err(|error| hop.channel_error(error))?;
                handshake(config, channel.into_stream(), guard, target).await
            }
        }
    };
    let timeout = |_| Error::Timeout { host: host(), phase: Phase::Connect, limit };
    let mut handle = tokio::time::timeout(limit, dial).await.map_err(timeout)??;
    auth::log_in(&mut handle, target).await?;
    let receipt = receipt.lock().ok().and_then(|mut receipt| receipt.take());
    let receipt =
        receipt.ok_or_else(|| Error::Lost { host: host(), why: "no host key was shown".to_owned() })?;
    tracing::debug!(host = %target, fingerprint = receipt.fingerprint, "connected");
    let inner = Inner {
        handle,
        target: target.clone(),
        lost,
        refused_names: Mutex::new(Vec::new()),
        receipt,
        _hop: hop,
    };
    Ok(Connection { inner: Arc::new(inner) })
}

async fn handshake<S>(
    config: Arc<client::Config>,
    stream: S,
    guard: Guard,
    target: &Target,
) -> Result<Handle<Guard>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    client::connect_stream(config, stream, guard).await.map_err(|error| match error {
        GuardError::Refused(error) => *error,
        GuardError::Ssh(error) => {
            Error::Connect { host: target.to_string(), source: std::io::Error::other(error.to_string()) }
        }
    })
}

fn configuration(target: &Target, verifier: &Verifier) -> client::Config {
    let preferred = Preferred {
        key: verifier.algorithms().into(),
        host_key_certificates: verifier.certificates().into(),
        // AES first: with the instructions that processors have it takes half the time of ChaCha20.
        cipher: vec![
            cipher::AES_256_GCM,
            cipher::AES_128_GCM,
            cipher::CHACHA20_POLY1305,
            cipher::AES_256_CTR,
        ]
        .into(),
        ..Preferred::DEFAULT
    };
    let keepalive = target.limits.keepalive;
    let rekey = target.rekey_bytes.clamp(1 << 16, 1 << 30);
    client::Config {
        window_size: WINDOW,
        channel_buffer_size: CHANNEL_MESSAGES,
        preferred,
        keepalive_interval: (!keepalive.is_zero()).then_some(keepalive),
        nodelay: true,
        limits: russh::Limits::new(rekey, rekey, Duration::from_secs(3600)),
        ..client::Config::default()
    }
}

/// Our side of the protocol: verifies the host's key, lets the server open nothing, notes the end.
pub(crate) struct Guard {
    verifier: Verifier,
    receipt: Arc<Mutex<Option<Receipt>>>,
    lost: watch::Sender<Option<String>>,
}

/// Why a handshake ended.
#[derive(Debug)]
pub(crate) enum GuardError {
    Ssh(russh::Error),
    Refused(Box<Error>),
}

impl From<russh::Error> for GuardError {
    fn from(error: russh::Error) -> GuardError {
        GuardError::Ssh(error)
    }
}

impl client::Handler for Guard {
    type Error = GuardError;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, GuardError> {
        let receipt = self.verifier.verify(shown).map_err(|error| GuardError::Refused(Box::new(error)))?;
        if let Ok(mut place) = self.receipt.lock() {
            *place = Some(receipt);
        }
        Ok(true)
    }

    async fn disconnected(&mut self, reason: DisconnectReason<GuardError>) -> Result<(), GuardError> {
        let why = match reason {
            DisconnectReason::ReceivedDisconnect(info) => {
                format!("the server said {:?} {:?}", info.reason_code, info.message)
            }
            DisconnectReason::Error(GuardError::Ssh(russh::Error::Disconnect)) => "it was closed".to_owned(),
            DisconnectReason::Error(GuardError::Ssh(error)) => error.to_string(),
            DisconnectReason::Error(GuardError::Refused(error)) => error.to_string(),
        };
        self.lost.send_replace(Some(why));
        Ok(())
    }

    // What a server may open on a client are doors into this machine: an agent, an X display, forwarded ports. Nothing of
    // that was asked for, so all of it is refused.

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        _channel: Channel<client::Msg>,
        _connected_address: &str,
        _connected_port: u32,
        _originator_address: &str,
        _originator_port: u32,
        reply: client::ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _channel: Channel<client::Msg>,
        _socket_path: &str,
        reply: client::ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        _channel: Channel<client::Msg>,
        reply: client::ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_unknown(
        &mut self,
        _channel: Channel<client::Msg>,
        reply: client::ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_session(
        &mut self,
        _channel: Channel<client::Msg>,
        reply: client::ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_direct_tcpip(
        &mut self,
        _channel: Channel<client::Msg>,
        _host_to_connect: &str,
        _port_to_connect: u32,
        _originator_address: &str,
        _originator_port: u32,
        reply: client::ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_direct_streamlocal(
        &mut self,
        _channel: Channel<client::Msg>,
        _socket_path: &str,
        reply: client::ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_x11(
        &mut self,
        _channel: Channel<client::Msg>,
        _originator_address: &str,
        _originator_port: u32,
        reply: client::ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }
}

async fn refuse(reply: client::ChannelOpenHandle) -> Result<(), GuardError> {
    reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
    Ok(())
}
