//! Questions for a person: passphrases, passwords, and what a server asks.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::error::{Error, Phase};
use crate::target::Target;

/// An answer, overwritten when it is dropped.
pub type Secret = Zeroizing<String>;

/// The answer to come; `None` is a refusal to answer.
pub type Ask = Pin<Box<dyn Future<Output = Option<Secret>> + Send>>;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PromptKind {
    /// The passphrase of a key file on this machine. It is not sent anywhere.
    Passphrase(PathBuf),
    /// The user's password on the host. It is sent there.
    Password,
    /// A question that the server asks (keyboard-interactive), in its words. The answer is sent there.
    Question {
        /// The server's text: do not take it for anything that this machine says.
        text: String,
        /// Whether the answer may be shown while it is typed.
        echo: bool,
    },
}

/// A question with whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prompt {
    /// The host, `host:port`; its key is verified by then.
    pub host: String,
    /// The user on the host.
    pub user: String,
    /// What is asked.
    pub kind: PromptKind,
}

/// Who is asked. The future is dropped when the deadline has passed.
#[derive(Clone)]
pub struct Prompter(Arc<dyn Fn(Prompt) -> Ask + Send + Sync>);

impl Prompter {
    /// Asks by a function that returns a future.
    pub fn new<F, A>(ask: F) -> Prompter
    where
        F: Fn(Prompt) -> A + Send + Sync + 'static,
        A: Future<Output = Option<Secret>> + Send + 'static,
    {
        Prompter(Arc::new(move |prompt| Box::pin(ask(prompt))))
    }
}

impl fmt::Debug for Prompter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prompter")
    }
}

/// Asks, within the prompt's time.
pub(super) async fn ask(
    prompter: &Prompter,
    target: &Target,
    user: &str,
    kind: PromptKind,
) -> Result<Option<Secret>, Error> {
    let prompt = Prompt { host: target.to_string(), user: user.to_owned(), kind };
    let limit = target.limits.prompt;
    tokio::time::timeout(limit, (prompter.0)(prompt)).await.map_err(|_| Error::Timeout {
        host: target.to_string(),
        phase: Phase::Authentication,
        limit,
    })
}
