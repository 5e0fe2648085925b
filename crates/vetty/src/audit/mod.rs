//! What was decided and done, as events: a stream, `tracing` events, and a file with a chain of hashes.

mod call;
mod chain;
mod config;
mod event;
mod file;
mod reader;
pub(crate) mod redact;
mod terminal;
mod trail;
mod verdict;
mod verify;
mod writer;

use std::ffi::OsString;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use vetty_policy::ConfigError;

pub(crate) use self::call::{Call, Ended};
pub use self::chain::AuditHead;
pub use self::config::{AuditConfig, OnFull, RedactConfig};
pub use self::event::{AuditEvent, AuditKind, ConfigChange};
pub use self::reader::AuditEvents;
pub use self::verify::{AuditProblem, AuditReport, verify, verify_audit};

use self::event::About;
use self::redact::Redactor;
use self::trail::Trail;
use self::writer::FileTrail;

/// The audit of one terminal.
pub(crate) struct Audit {
    /// Tells its events from those of other terminals with the same file.
    owner: usize,
    policy: Arc<str>,
    on_full: OnFull,
    redactor: Redactor,
    /// Names of variables whose values are hidden.
    variables: Vec<regex::Regex>,
    /// Whether the same is hidden in output.
    redacts_output: bool,
    /// `None`: the terminal is closed, or nothing could be opened.
    trail: RwLock<Option<Kept>>,
    /// The event of the configuration, which each reader hears first.
    first: OnceLock<Arc<AuditEvent>>,
}

/// Where events go.
#[derive(Clone)]
pub(crate) enum Kept {
    Memory(Arc<Trail>),
    File(Arc<FileTrail>),
}

impl Deref for Kept {
    type Target = Arc<Trail>;

    fn deref(&self) -> &Arc<Trail> {
        match self {
            Kept::Memory(trail) => trail,
            Kept::File(trail) => trail,
        }
    }
}

impl Audit {
    /// Begins with the event of the configuration.
    ///
    /// # Errors
    /// A [`ConfigError`]: something of the section cannot be used, or the file cannot.
    pub(crate) fn new(
        config: &AuditConfig,
        policy: &str,
        change: ConfigChange,
    ) -> Result<Arc<Audit>, ConfigError> {
        config.check()?;
        let audit = Audit::unopened(config, policy)?;
        let trail = match &config.file {
            Some(path) => Kept::File(writer::trail_of(path, &audit.about(None))?),
            None => Kept::Memory(Arc::new(Trail::new(AuditHead::none(), false))),
        };
        audit.begin(trail, change);
        Ok(Arc::new(audit))
    }

    /// Of a terminal whose section cannot be used, and whose caller cannot be told: it refuses every call.
    pub(crate) fn unavailable(policy: &str) -> Arc<Audit> {
        let config = AuditConfig { on_full: OnFull::Refuse, ..AuditConfig::default() };
        Arc::new(Audit::unopened(&config, policy).expect("nothing is declared that cannot be used"))
    }

    fn unopened(config: &AuditConfig, policy: &str) -> Result<Audit, ConfigError> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let redact = &config.redact;
        let redactor = Redactor::new(&redact.values, &redact.patterns)
            .map_err(|problem| ConfigError::new("audit.redact", problem))?;
        let variables = redact.env.iter().map(|name| {
            let name = regex::escape(name).replace(r"\*", ".*");
            regex::Regex::new(&format!("^(?s:{name})$"))
                .map_err(|error| ConfigError::new("audit.redact.env", error))
        });
        Ok(Audit {
            owner: NEXT.fetch_add(1, Ordering::Relaxed),
            policy: policy.into(),
            on_full: config.on_full,
            variables: variables.collect::<Result<_, _>>()?,
            redacts_output: redact.output,
            redactor,
            trail: RwLock::new(None),
            first: OnceLock::new(),
        })
    }

    fn begin(&self, trail: Kept, change: ConfigChange) {
        let event = trail.record(self.owner, &self.about(None), AuditKind::Config { change });
        self.first.get_or_init(|| event);
        *self.trail.write().unwrap_or_else(PoisonError::into_inner) = Some(trail);
    }

    fn about(&self, id: Option<&str>) -> About {
        About { id: id.map(str::to_owned), policy: Arc::clone(&self.policy) }
    }

    fn trail(&self) -> Option<Kept> {
        self.trail.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records a change of the configuration.
    pub(crate) fn changed(&self, change: ConfigChange) {
        if let Some(trail) = self.trail() {
            trail.record(self.owner, &self.about(None), AuditKind::Config { change });
        }
    }

    /// The end of the chain.
    pub(crate) fn head(&self) -> Option<AuditHead> {
        self.trail().map(|trail| trail.head())
    }

    /// Hears what comes, behind the event of the configuration.
    pub(crate) fn events(&self) -> AuditEvents {
        // Of a terminal that is closed, nothing more comes.
        let trail = self.trail();
        let closed = trail.is_none();
        let trail =
            trail.map_or_else(|| Arc::new(Trail::new(AuditHead::none(), false)), |trail| Arc::clone(&trail));
        let key = trail.open_reader(self.owner, self.first.get().cloned());
        if closed {
            trail.leave(self.owner);
        }
        AuditEvents::new(trail, key)
    }

    /// Waits until all is in the file.
    pub(crate) async fn flushed(&self) {
        if let Some(trail) = self.trail() {
            trail.flushed().await;
        }
    }

    /// Whether all is in the file, or it fails.
    pub(crate) fn is_settled(&self) -> bool {
        self.trail().is_none_or(|trail| trail.is_written(trail.head().sequence) || trail.failing().is_some())
    }

    /// Nothing is recorded any more, and the file is let go.
    pub(crate) fn close(&self) {
        let trail = self.trail.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(trail) = trail {
            trail.leave(self.owner);
        }
    }

    /// For one call: hides also what its variables hold.
    pub(crate) fn call(
        self: &Arc<Audit>,
        id: &str,
        variables: &mut dyn Iterator<Item = (OsString, OsString)>,
    ) -> Call {
        Call::new(self, id, self.redactor_of(variables))
    }

    /// What hides in a call's events, and in its output where that is asked for.
    fn redactor_of(&self, variables: &mut dyn Iterator<Item = (OsString, OsString)>) -> Redactor {
        if self.variables.is_empty() {
            return self.redactor.clone();
        }
        let named = variables.filter(|(name, _)| {
            name.to_str().is_some_and(|name| self.variables.iter().any(|pattern| pattern.is_match(name)))
        });
        self.redactor.with(named.filter_map(|(_, value)| value.into_string().ok()).collect())
    }
}

impl Drop for Audit {
    fn drop(&mut self) {
        self.close();
    }
}
