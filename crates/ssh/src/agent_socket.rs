//! Where the agent of this machine listens: a socket on Unix, a named pipe on Windows.

use std::ffi::OsString;
use std::path::Path;

use russh::keys::agent::client::{AgentClient, AgentStream};

pub(crate) type Agent = AgentClient<Box<dyn AgentStream + Send + Unpin>>;

/// What `SSH_AUTH_SOCK` names; without it, on Windows, OpenSSH's pipe.
pub(crate) fn default_path() -> Option<OsString> {
    let named = std::env::var_os("SSH_AUTH_SOCK").filter(|path| !path.is_empty());
    #[cfg(windows)]
    let named = named.or_else(|| Some(r"\\.\pipe\openssh-ssh-agent".into()));
    named
}

/// Connects to the agent at `path`.
pub(crate) async fn connect(path: &Path) -> Result<Agent, russh::keys::Error> {
    #[cfg(unix)]
    return Ok(AgentClient::connect_uds(path).await?.dynamic());
    #[cfg(windows)]
    return Ok(AgentClient::connect_named_pipe(path.as_os_str()).await?.dynamic());
    #[cfg(not(any(unix, windows)))]
    {
        let _ = path;
        Err(std::io::Error::from(std::io::ErrorKind::Unsupported).into())
    }
}
