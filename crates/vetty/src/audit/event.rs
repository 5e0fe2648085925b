//! What is told of a run: one event a step, each a line of JSON in a chain.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use vetty_policy::Verdict;
use vetty_process::{Exit, KillScope, Phase, Signal};

use crate::output::{EndReason, Limit};
use crate::sandbox::Enforced;

/// One event of an audit trail.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AuditEvent {
    /// Counts from 1 on, without a gap in the whole trail.
    pub sequence: u64,
    /// When it was recorded.
    pub time: SystemTime,
    /// The run or the session; `None` if it is about none.
    pub id: Option<String>,
    /// SHA-256 of the policy in force, hex.
    pub policy: String,
    /// Where it runs; `None` is here.
    pub host: Option<String>,
    /// SHA-256 of the event before this one, hex; 64 zeros before the first.
    pub previous: String,
    /// What happened.
    pub what: AuditKind,
    line: Arc<str>,
}

/// What happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AuditKind {
    /// A policy came into force, or became final.
    Config {
        /// Which of it.
        change: ConfigChange,
    },
    /// The policy's answer to a call, with what is secret hidden.
    Verdict {
        /// The answer.
        verdict: Box<Verdict>,
    },
    /// Somebody was asked.
    Approval {
        /// What they said: `allow`, `allow-session`, `allow-rule`, `deny`, `timeout`.
        approval: &'static str,
        /// How long it took; nothing for an answer that was remembered.
        waited: Duration,
    },
    /// A program was started.
    Spawn {
        /// Its process number.
        pid: i32,
        /// Whether it is on a terminal.
        pty: bool,
        /// What the kernel holds it to.
        enforced: Arc<Enforced>,
        /// How far a kill reaches.
        kill: KillScope,
    },
    /// The kernel refused to start it.
    SpawnFailed {
        /// The error's name: `ENOENT`.
        code: String,
        /// At which step.
        phase: Phase,
    },
    /// It had too much of something, and is ended for it.
    Limit {
        /// Of what.
        limit: Limit,
    },
    /// A session's output named the file of a picture beneath `sessions.imageFiles`, and somebody listened.
    ImageFile {
        /// The file.
        path: String,
        /// How many bytes were read; `None` if none were.
        bytes: Option<u64>,
        /// It was the protocol's own temporary file, and was removed.
        removed: bool,
        /// Why it was not read.
        error: Option<String>,
    },
    /// It asked for a connection by a name of `sandbox.network.hosts`, or by another one.
    Connection {
        /// What it asked for: `example.com:443`.
        host: String,
        /// Where that is, and the connection led; `None` where there is none.
        address: Option<SocketAddr>,
        /// Why there is none; `None` where there is one.
        refused: Option<&'static str>,
    },
    /// We ended its tree, or what it had left behind.
    Kill {
        /// The last signal that was sent.
        signal: Signal,
        /// Whom it reached.
        scope: KillScope,
        /// How many processes the program left behind.
        survivors: usize,
    },
    /// It ended.
    Exit {
        /// How.
        exit: Exit,
        /// Why.
        reason: EndReason,
        /// From spawn to the last byte.
        duration: Duration,
        /// What it wrote, both streams.
        bytes: u64,
    },
    /// The line before this one is what a crash left of an event that was being written.
    Recovery {
        /// How long it is.
        bytes: u64,
        /// Its SHA-256, hex.
        hash: String,
    },
    /// Calls were refused because no event could be taken.
    Unavailable {
        /// How many, since the event before.
        calls: u64,
    },
}

/// How a policy came into force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigChange {
    /// A terminal was made.
    Initialize,
    /// It replaces that of a terminal before.
    SetConfig,
    /// It is final.
    Lock,
}

impl ConfigChange {
    /// The stable name, as the JavaScript face spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            ConfigChange::Initialize => "initialize",
            ConfigChange::SetConfig => "setConfig",
            ConfigChange::Lock => "lock",
        }
    }
}

impl AuditKind {
    /// The stable name: `verdict`, `spawn-failed`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            AuditKind::Config { .. } => "config",
            AuditKind::Verdict { .. } => "verdict",
            AuditKind::Approval { .. } => "approval",
            AuditKind::Spawn { .. } => "spawn",
            AuditKind::SpawnFailed { .. } => "spawn-failed",
            AuditKind::Limit { .. } => "limit",
            AuditKind::ImageFile { .. } => "image-file",
            AuditKind::Connection { .. } => "connection",
            AuditKind::Kill { .. } => "kill",
            AuditKind::Exit { .. } => "exit",
            AuditKind::Recovery { .. } => "recovery",
            AuditKind::Unavailable { .. } => "unavailable",
        }
    }

    fn facts(&self) -> Value {
        match self {
            AuditKind::Config { change } => json!({ "change": change.as_str() }),
            AuditKind::Verdict { verdict } => json!({ "verdict": verdict }),
            AuditKind::Approval { approval, waited } => {
                json!({ "approval": approval, "waitedMs": milliseconds(*waited) })
            }
            AuditKind::Spawn { pid, pty, enforced, kill } => json!({
                "pid": pid,
                "pty": pty,
                "enforced": {
                    "level": enforced.level.as_str(),
                    "features": enforced.features.iter().map(|feature| feature.as_str()).collect::<Vec<_>>(),
                    "degraded": enforced.degraded.iter().map(|feature| feature.as_str()).collect::<Vec<_>>(),
                    "kill": kill.as_str(),
                },
            }),
            AuditKind::SpawnFailed { code, phase } => json!({ "code": code, "phase": phase.as_str() }),
            AuditKind::Limit { limit } => json!({ "limit": limit.as_str() }),
            AuditKind::ImageFile { path, bytes, removed, error } => {
                json!({ "path": path, "bytes": bytes, "removed": removed, "error": error })
            }
            AuditKind::Connection { host, address, refused } => {
                json!({ "host": host, "address": address.map(|address| address.to_string()), "refused": refused })
            }
            AuditKind::Kill { signal, scope, survivors } => {
                json!({ "signal": signal.name(), "scope": scope.as_str(), "survivors": survivors })
            }
            AuditKind::Exit { exit, reason, duration, bytes } => json!({
                "exit": exit_json(exit),
                "reason": reason.as_str(),
                "durationMs": milliseconds(*duration),
                "bytes": bytes,
            }),
            AuditKind::Recovery { bytes, hash } => json!({ "bytes": bytes, "hash": hash }),
            AuditKind::Unavailable { calls } => json!({ "calls": calls }),
        }
    }
}

/// The JavaScript `Exit`.
fn exit_json(exit: &Exit) -> Value {
    let (core_dumped, lost) = match exit {
        Exit::Signaled { core_dumped, .. } => (*core_dumped, None),
        Exit::Lost(reason) => (false, Some(reason)),
        _ => (false, None),
    };
    let signal = exit.signal().map(|signal| signal.name());
    json!({ "exitCode": exit.code(), "signal": signal, "coreDumped": core_dumped, "lost": lost })
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1000.0
}

/// Whom an event is about.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) id: Option<String>,
    pub(crate) policy: Arc<str>,
}

impl AuditEvent {
    pub(crate) fn new(sequence: u64, previous: String, about: &About, what: AuditKind) -> AuditEvent {
        let time = SystemTime::now();
        let mut line = Map::new();
        line.insert("sequence".to_owned(), sequence.into());
        line.insert("time".to_owned(), utc(time).into());
        line.insert("id".to_owned(), about.id.as_deref().into());
        line.insert("policy".to_owned(), (*about.policy).into());
        line.insert("host".to_owned(), Value::Null);
        line.insert("previous".to_owned(), previous.as_str().into());
        line.insert("type".to_owned(), what.as_str().into());
        if let Value::Object(facts) = what.facts() {
            line.extend(facts);
        }
        AuditEvent {
            sequence,
            time,
            id: about.id.clone(),
            policy: about.policy.to_string(),
            host: None,
            previous,
            what,
            line: Value::Object(line).to_string().into(),
        }
    }

    /// The event as JSON: the exact line of an audit file, without its end, and what the hash of the next one is over.
    pub fn json(&self) -> &str {
        &self.line
    }

    pub(super) fn line(&self) -> Arc<str> {
        Arc::clone(&self.line)
    }
}

/// ISO 8601 with milliseconds, UTC.
fn utc(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, millis) = (since.as_secs(), since.subsec_millis());
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Years that begin in March: the day that some of them lack is their last. An era is 400 years.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, turn) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + turn;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_800, "2000-03-01T00:00:00.000Z"),
            (1_735_689_599, "2024-12-31T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(utc(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        }
        assert_eq!(utc(UNIX_EPOCH + Duration::from_millis(1_500)), "1970-01-01T00:00:01.500Z");
    }
}
