//! Logging in: agent, key files with or without a certificate, then what the user is asked for.

mod keys;
mod prompt;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::agent::AgentIdentity;
use russh::keys::{Algorithm, HashAlg, PrivateKey, PrivateKeyWithHashAlg};
use russh::{MethodKind, MethodSet};

pub use keys::Identity;
use keys::Loaded;
pub use prompt::{Ask, Prompt, PromptKind, Prompter, Secret};

use crate::agent_socket::{self, Agent};
use crate::connection::Guard;
use crate::error::{Error, Phase};
use crate::target::Target;

/// How to log in. Keys come first: those that are named, the agent's, the default ones, and then those that are encrypted.
/// Then questions, then the password.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Login {
    /// Where the agent listens. Default: where `SSH_AUTH_SOCK` says.
    pub agent: AgentChoice,
    /// Keys to try before the agent's. Default: none.
    pub identities: Vec<Identity>,
    /// Of the agent's keys show only those that belong to `identities`, by the `.pub` files beside them. Default: no.
    pub only_identities: bool,
    /// Try `~/.ssh/id_ed25519` and `id_ecdsa` after the agent's, if they are there. Default: yes.
    pub default_keys: bool,
    /// Asked for passphrases, passwords and by keyboard-interactive. Default: nobody is asked, and these ways fail.
    pub prompter: Option<Prompter>,
    /// How many keys are shown to the server at most. Servers hang up after MaxAuthTries, by default 6. Default 5.
    pub max_keys: usize,
}

/// Which agent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AgentChoice {
    /// The one of `SSH_AUTH_SOCK`, or none. On Windows without it OpenSSH's pipe.
    #[default]
    Environment,
    /// The one at this path.
    Path(PathBuf),
    /// None.
    None,
}

impl Default for Login {
    fn default() -> Login {
        Login {
            agent: AgentChoice::default(),
            identities: Vec::new(),
            only_identities: false,
            default_keys: true,
            prompter: None,
            max_keys: 5,
        }
    }
}

/// What the server said to an attempt.
enum Said {
    In,
    /// What it would take now, and whether the attempt itself was good.
    More {
        methods: MethodSet,
        partial: bool,
    },
}

impl From<AuthResult> for Said {
    fn from(result: AuthResult) -> Said {
        match result {
            AuthResult::Success => Said::In,
            AuthResult::Failure { remaining_methods, partial_success } => {
                Said::More { methods: remaining_methods, partial: partial_success }
            }
        }
    }
}

/// One log-in going on.
struct Attempt<'a> {
    handle: &'a mut Handle<Guard>,
    target: &'a Target,
    user: String,
    tried: Vec<String>,
    keys_shown: usize,
}

/// Logs in, in the order that [`Login`] says.
pub(crate) async fn log_in(handle: &mut Handle<Guard>, target: &Target) -> Result<(), Error> {
    let user = target.user()?;
    let mut attempt = Attempt { handle, target, user, tried: Vec::new(), keys_shown: 0 };
    let first = attempt.handle.authenticate_none(attempt.user.clone());
    let mut said = limited(target, first).await?.map(Said::from).map_err(|error| attempt.lost(error))?;
    let mut done: Vec<MethodKind> = Vec::new();
    loop {
        let methods = match said {
            Said::In => return Ok(()),
            Said::More { methods, .. } => methods,
        };
        let order = [MethodKind::PublicKey, MethodKind::KeyboardInteractive, MethodKind::Password];
        let next = order.into_iter().find(|method| methods.contains(method) && !done.contains(method));
        let Some(method) = next else {
            return Err(attempt.refused(&methods));
        };
        done.push(method);
        let outcome = match method {
            MethodKind::PublicKey => attempt.by_keys().await?,
            MethodKind::KeyboardInteractive => attempt.by_questions().await?,
            _ => attempt.by_password().await?,
        };
        said = match outcome {
            Some(said) => said,
            None => Said::More { methods, partial: false },
        };
        if attempt.handle.is_closed() {
            return Err(attempt.refused(&MethodSet::empty()));
        }
    }
}

impl Attempt<'_> {
    fn refused(&mut self, methods: &MethodSet) -> Error {
        let remaining = methods.iter().map(String::from).collect();
        let tried = std::mem::take(&mut self.tried);
        Error::Authentication { host: self.target.to_string(), user: self.user.clone(), tried, remaining }
    }

    fn lost(&self, error: russh::Error) -> Error {
        Error::Lost { host: self.target.to_string(), why: error.to_string() }
    }

    /// All keys in turn, until one is let in or is a part of what the server wants. `None`: there was no key.
    ///
    /// Who has a passphrase on a key has mostly given it to the agent: such files come after the agent.
    async fn by_keys(&mut self) -> Result<Option<Said>, Error> {
        let mut last = None;
        let (mut open, mut locked) = (Vec::new(), Vec::new());
        for identity in self.target.login.identities.clone() {
            match keys::load(&identity).await? {
                Loaded::Open(key) => open.push((identity, key)),
                Loaded::Locked(text) => locked.push((identity, text)),
            }
        }
        for (identity, key) in open {
            let said = self.by_identity(&identity, *key).await?;
            if ends(&said) {
                return Ok(said);
            }
            last = said.or(last);
        }
        let said = self.by_agent().await?;
        if ends(&said) {
            return Ok(said);
        }
        last = said.or(last);
        if self.target.login.default_keys {
            for identity in keys::default_identities() {
                match keys::load(&identity).await? {
                    Loaded::Open(key) => {
                        let said = self.by_identity(&identity, *key).await?;
                        if ends(&said) {
                            return Ok(said);
                        }
                        last = said.or(last);
                    }
                    Loaded::Locked(text) => locked.push((identity, text)),
                }
            }
        }
        for (identity, text) in locked {
            let Some(prompter) = self.target.login.prompter.clone() else {
                self.tried.push(format!("key {identity} (it is encrypted, and nobody may be asked)"));
                continue;
            };
            let Some(key) = keys::decrypt(&identity, text, &prompter, self.target, &self.user).await? else {
                self.tried.push(format!("key {identity} (its passphrase was not given)"));
                continue;
            };
            let said = self.by_identity(&identity, key).await?;
            if ends(&said) {
                return Ok(said);
            }
            last = said.or(last);
        }
        Ok(last)
    }

    /// Whether one more key may be shown.
    fn may_show(&mut self, what: String) -> bool {
        if self.keys_shown >= self.target.login.max_keys || self.handle.is_closed() {
            return false;
        }
        self.keys_shown += 1;
        self.tried.push(what);
        true
    }

    async fn by_identity(&mut self, identity: &Identity, key: PrivateKey) -> Result<Option<Said>, Error> {
        let key = Arc::new(key);
        let hash = match self.rsa_hash(&key.algorithm()).await? {
            Ok(hash) => hash,
            Err(Sha1Only) => return Ok(None),
        };
        let mut said = None;
        if let Some(certificate) = keys::certificate(identity).await? {
            if !self.may_show(format!("certificate of {identity}")) {
                return Ok(None);
            }
            let call = self.handle.authenticate_openssh_cert(self.user.clone(), key.clone(), certificate);
            let result = limited(self.target, call).await?.map_err(|error| self.lost(error))?;
            said = Some(Said::from(result));
            if ends(&said) {
                return Ok(said);
            }
        }
        if !self.may_show(format!("key {identity}")) {
            return Ok(said);
        }
        let key = PrivateKeyWithHashAlg::new(key, hash);
        let call = self.handle.authenticate_publickey(self.user.clone(), key);
        let result = limited(self.target, call).await?.map_err(|error| self.lost(error))?;
        Ok(Some(result.into()))
    }

    async fn by_agent(&mut self) -> Result<Option<Said>, Error> {
        let path = match &self.target.login.agent {
            AgentChoice::None => return Ok(None),
            AgentChoice::Path(path) => path.clone(),
            AgentChoice::Environment => match agent_socket::default_path() {
                Some(path) => path.into(),
                None => return Ok(None),
            },
        };
        let ask = async {
            let mut agent = agent_socket::connect(&path).await?;
            let identities = agent.request_identities().await?;
            Ok::<(Agent, Vec<AgentIdentity>), russh::keys::Error>((agent, identities))
        };
        let (mut agent, identities) = match limited(self.target, ask).await? {
            Ok(found) => found,
            Err(error) => {
                self.tried.push(format!("agent {} ({error})", path.display()));
                return Ok(None);
            }
        };
        let mut last = None;
        let named = match self.target.login.only_identities {
            true => Some(keys::public_keys(&self.target.login.identities).await),
            false => None,
        };
        let wanted = |identity: &AgentIdentity| {
            named.as_ref().is_none_or(|named| named.contains(identity.public_key().key_data()))
        };
        for identity in identities.into_iter().filter(wanted) {
            let hash = match self.rsa_hash(&identity.public_key().algorithm()).await? {
                Ok(hash) => hash,
                Err(Sha1Only) => continue,
            };
            if !self.may_show(format!("agent's key {:?}", identity.comment())) {
                break;
            }
            let user = self.user.clone();
            let result = match identity {
                AgentIdentity::PublicKey { key, .. } => {
                    let call = self.handle.authenticate_publickey_with(user, key, hash, &mut agent);
                    limited(self.target, call).await?
                }
                AgentIdentity::Certificate { certificate, .. } => {
                    let call = self.handle.authenticate_certificate_with(user, certificate, hash, &mut agent);
                    limited(self.target, call).await?
                }
            };
            match result {
                Ok(result) => last = Some(Said::from(result)),
                // The agent would not sign, because its user said no: the next key may do.
                Err(error) => self.tried.push(format!("({error})")),
            }
            if ends(&last) {
                break;
            }
        }
        Ok(last)
    }

    /// The hash for a signature by an RSA key, nothing for others; the error is a server that takes SHA-1 alone.
    async fn rsa_hash(&mut self, algorithm: &Algorithm) -> Result<Result<Option<HashAlg>, Sha1Only>, Error> {
        if !matches!(algorithm, Algorithm::Rsa { .. }) {
            return Ok(Ok(None));
        }
        let call = self.handle.best_supported_rsa_hash();
        match limited(self.target, call).await?.map_err(|error| self.lost(error))? {
            Some(Some(hash)) => Ok(Ok(Some(hash))),
            Some(None) => Ok(Err(Sha1Only)),
            // It does not say: what all servers of the last years know.
            None => Ok(Ok(Some(HashAlg::Sha512))),
        }
    }

    async fn by_questions(&mut self) -> Result<Option<Said>, Error> {
        let Some(prompter) = self.target.login.prompter.clone() else {
            return Ok(None);
        };
        self.tried.push("keyboard-interactive".to_owned());
        let call = self.handle.authenticate_keyboard_interactive_start(self.user.clone(), None);
        let mut reply = limited(self.target, call).await?.map_err(|error| self.lost(error))?;
        // A server that never has enough is left after as many rounds.
        for _ in 0..16 {
            let prompts = match reply {
                KeyboardInteractiveAuthResponse::Success => return Ok(Some(Said::In)),
                KeyboardInteractiveAuthResponse::Failure { remaining_methods, partial_success } => {
                    return Ok(Some(Said::More { methods: remaining_methods, partial: partial_success }));
                }
                KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => prompts,
            };
            let mut answers = Vec::new();
            for asked in prompts.into_iter().take(32) {
                let kind = PromptKind::Question { text: asked.prompt, echo: asked.echo };
                match prompt::ask(&prompter, self.target, &self.user, kind).await? {
                    Some(answer) => answers.push(answer.as_str().to_owned()),
                    None => return Ok(None),
                }
            }
            let call = self.handle.authenticate_keyboard_interactive_respond(answers);
            reply = limited(self.target, call).await?.map_err(|error| self.lost(error))?;
        }
        Ok(None)
    }

    async fn by_password(&mut self) -> Result<Option<Said>, Error> {
        let Some(prompter) = self.target.login.prompter.clone() else {
            return Ok(None);
        };
        let Some(password) = prompt::ask(&prompter, self.target, &self.user, PromptKind::Password).await?
        else {
            return Ok(None);
        };
        self.tried.push("password".to_owned());
        // The library overwrites its copy.
        let call = self.handle.authenticate_password(self.user.clone(), password.as_str());
        let result = limited(self.target, call).await?.map_err(|error| self.lost(error))?;
        Ok(Some(result.into()))
    }
}

/// A server that takes RSA signatures with SHA-1 alone.
struct Sha1Only;

/// Whether no further key needs to be tried.
fn ends(said: &Option<Said>) -> bool {
    matches!(said, Some(Said::In | Said::More { partial: true, .. }))
}

/// A step, within its time.
async fn limited<T>(target: &Target, step: impl Future<Output = T>) -> Result<T, Error> {
    let limit: Duration = target.limits.authentication;
    tokio::time::timeout(limit, step).await.map_err(|_| Error::Timeout {
        host: target.to_string(),
        phase: Phase::Authentication,
        limit,
    })
}
