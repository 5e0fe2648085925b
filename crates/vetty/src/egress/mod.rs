//! Egress by the names of hosts: a proxy within this process, which alone leads out of an isolated program's network.
//!
//! It speaks CONNECT and SOCKS5, and nothing else. Names are resolved here; an address that is neither public nor listed
//! is refused, whatever name leads to it; and the connection is made to the very address that was judged.

mod connect;
mod request;

use std::ffi::OsString;
use std::net::TcpListener as StdListener;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional_with_sizes};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinSet};
use vetty_sandbox::{Hosts, PROXY_PORT};

use self::connect::{Refusal, Resolve, System, connect};
use self::request::{Request, answer, read};
use crate::audit::Call;

/// Connections of one program at a time; further ones wait.
const MOST_CONNECTIONS: usize = 256;
/// In which a client says what it wants, and a connection is made.
const PATIENCE: Duration = Duration::from_secs(30);
/// Held of each direction of a connection.
const BUFFER: usize = 64 << 10;

/// Whose connections they are.
struct Origin {
    run: String,
    audit: Option<Call>,
}

/// The proxy of one run. Dropping it closes all its connections.
pub(crate) struct Egress(AbortHandle);

impl Drop for Egress {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Egress {
    /// Serves whoever connects to `listener`. In a runtime's context; where that cannot wait for sockets nobody is served.
    pub(crate) fn serve(listener: StdListener, hosts: Arc<Hosts>, run: &str, audit: Option<Call>) -> Egress {
        let origin = Origin { run: run.to_owned(), audit };
        let task = tokio::spawn(async move {
            match TcpListener::from_std(listener) {
                Ok(listener) => accept(listener, hosts, Arc::new(System), Arc::new(origin)).await,
                Err(error) => tracing::warn!(%error, run = origin.run, "the proxy cannot listen"),
            }
        });
        Egress(task.abort_handle())
    }
}

/// What programs look for to find a proxy. Plain HTTP goes by SOCKS as well: the proxy reads nobody's requests.
pub(crate) fn variables() -> impl Iterator<Item = (OsString, OsString)> {
    let tunnel = format!("http://127.0.0.1:{PROXY_PORT}");
    let socks = format!("socks5h://127.0.0.1:{PROXY_PORT}");
    let values = [("https_proxy", tunnel), ("http_proxy", socks.clone()), ("all_proxy", socks)];
    values.into_iter().flat_map(|(name, value)| {
        [name.to_owned(), name.to_uppercase()].map(|name| (name.into(), value.clone().into()))
    })
}

async fn accept<R: Resolve>(listener: TcpListener, hosts: Arc<Hosts>, resolver: Arc<R>, origin: Arc<Origin>) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        // Never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((client, _)) => {
                let (hosts, resolver) = (Arc::clone(&hosts), Arc::clone(&resolver));
                let origin = Arc::clone(&origin);
                connections.spawn(async move {
                    serve(client, &hosts, &*resolver, &origin).await;
                    drop(place);
                });
            }
            // Descriptors are short; some come back.
            Err(error) => {
                tracing::warn!(%error, run = origin.run, "a connection to the proxy was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve<R: Resolve>(mut client: TcpStream, hosts: &Hosts, resolver: &R, origin: &Origin) {
    let run = &origin.run;
    let request = match tokio::time::timeout(PATIENCE, read(&mut client)).await {
        Ok(Ok(request)) => request,
        Ok(Err(error)) => {
            tracing::debug!(%error, run, "no request for a connection");
            return dismiss(client).await;
        }
        Err(_) => return,
    };
    let Request { target, protocol, early } = request;
    let made = tokio::time::timeout(PATIENCE, connect(&target, hosts, resolver)).await;
    let mut made = made.unwrap_or(Err(Refusal::Unreachable));
    let told = match &made {
        Ok(server) => Ok(server.peer_addr().ok()),
        Err(refusal) => Err(refusal.as_str()),
    };
    let reason = told.err();
    tracing::info!(target: "vetty::egress", run, host = %target, address = ?told.ok().flatten(), reason, "connection");
    if let Some(audit) = &origin.audit
        && !audit.connection(&target.to_string(), told).await
    {
        made = Err(Refusal::Unrecorded);
    }
    let answered = answer(&mut client, protocol, made.as_ref().map(drop)).await;
    let (Ok(mut server), Ok(())) = (made, answered) else { return dismiss(client).await };
    if !early.is_empty() && server.write_all(&early).await.is_err() {
        return;
    }
    if let Err(error) = copy_bidirectional_with_sizes(&mut client, &mut server, BUFFER, BUFFER).await {
        tracing::debug!(%error, run, host = %target, "a connection broke");
    }
}

/// Lets a client read why: what it has sent and nobody has read would else take the answer away.
async fn dismiss(mut client: TcpStream) {
    const MOST: u64 = 1 << 20;
    let last_words = async {
        client.shutdown().await?;
        let mut rest = client.take(MOST);
        tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
    };
    // Whoever keeps it open, or has gone, has had its answer.
    drop(tokio::time::timeout(PATIENCE, last_words).await);
}

#[cfg(test)]
mod tests;
