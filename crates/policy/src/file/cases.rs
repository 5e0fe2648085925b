//! What a policy file says of itself: commands that it has to permit, to ask about and to refuse.

use crate::config::{ConfigError, section};
use crate::explain::RuleEffect;
use crate::host::{FakeHost, FileInfo, Host, OpenDirectory, Resolved, ThisMachine};
use crate::path;
use crate::platform::Platform;
use crate::policy::Policy;
use crate::request::Request;
use crate::verdict::{Code, shown};
use serde_json::Value;
use std::io;

/// Commands with what has to become of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
pub(super) struct Cases {
    allow: Vec<String>,
    ask: Vec<String>,
    deny: Vec<String>,
}

/// What becomes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Permitted,
    Asked,
    Refused,
}

impl Cases {
    /// Reads what stands at `tests`.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the key.
    pub(super) fn read(value: Value) -> Result<Cases, ConfigError> {
        section::read("tests", value)
    }

    /// What has to be refused by whoever includes the file, too.
    pub(super) fn only_refusals(self) -> Cases {
        Cases { deny: self.deny, ..Cases::default() }
    }

    /// Judges them.
    ///
    /// # Errors
    /// The first one of which something else becomes, and why.
    pub(super) fn run(&self, policy: &Policy) -> Result<(), ConfigError> {
        let host = OnPaper::new(policy);
        let expected = [
            ("allow", &self.allow, Outcome::Permitted),
            ("ask", &self.ask, Outcome::Asked),
            ("deny", &self.deny, Outcome::Refused),
        ];
        for (name, lines, expected) in expected {
            for (index, line) in lines.iter().enumerate() {
                let (outcome, why) = judged(policy, &host, line);
                if outcome != expected {
                    let problem = format!(
                        "expected \"{}\" to be {}, and it {why}",
                        shown(line),
                        match expected {
                            Outcome::Permitted => "permitted",
                            Outcome::Asked => "asked about",
                            Outcome::Refused => "refused",
                        }
                    );
                    return Err(ConfigError::test_failed(format!("tests.{name}[{index}]"), problem));
                }
            }
        }
        Ok(())
    }
}

/// What becomes of a line, and how that is told.
fn judged(policy: &Policy, host: &OnPaper, line: &str) -> (Outcome, String) {
    let verdict = policy.check(&Request::new(line), host);
    let by = verdict.rule.as_ref().map(|rule| format!("\"{}\" in {}", shown(&rule.text), rule.key));
    match verdict.code {
        Code::Allowed => {
            let by = by
                .map_or("is permitted by commands.default".to_owned(), |by| format!("is permitted by {by}"));
            (Outcome::Permitted, by)
        }
        // Looked up last of all, and a path's file is not there on paper.
        Code::ProgramNotFound if asks(policy, host, line) => {
            (Outcome::Asked, "is asked about where its program exists".to_owned())
        }
        Code::ProgramNotFound => (Outcome::Permitted, "is permitted where its program exists".to_owned()),
        code => {
            let outcome = if code == Code::ApprovalRequired { Outcome::Asked } else { Outcome::Refused };
            let by = by.map(|by| format!(" ({by})")).unwrap_or_default();
            (outcome, format!("gets {code}: {}{by}", verdict.message))
        }
    }
}

/// Whether the rules want an approval, whatever exists.
fn asks(policy: &Policy, host: &OnPaper, line: &str) -> bool {
    let explanation = policy.explain(&Request::new(line), host);
    let strictest = explanation.rules.iter().filter(|rule| rule.matches).map(|rule| rule.effect).max();
    strictest == Some(RuleEffect::Ask)
}

/// A machine that has every program and every workspace, and nothing in them: so a policy passes its tests on every
/// machine, or on none.
struct OnPaper(FakeHost);

impl OnPaper {
    fn new(policy: &Policy) -> OnPaper {
        let platform = policy.platform();
        let config = policy.config();
        let first = config.workspaces.iter().find(|place| *place != "/").map_or("/", String::as_str);
        let mut host = FakeHost::new(platform, first).with_every_program();
        for place in config.workspaces.iter().filter(|place| *place != "/") {
            host = host.directory(place);
        }
        for (_, element) in policy.inner.search_path.elements() {
            if path::is_absolute(platform, element) {
                host = host.directory(element);
            }
        }
        let granted = policy.inner.places.resolve(&host);
        let usable = policy.inner.search_path.elements().map(|(_, element)| element).find(|element| {
            path::is_absolute(platform, element)
                && policy.inner.search_path.skipped(&host, &granted, element).is_none()
        });
        OnPaper(host.search_path(usable.map(str::to_owned)))
    }
}

impl Host for OnPaper {
    fn platform(&self) -> Platform {
        self.0.platform()
    }

    fn current_directory(&self) -> io::Result<String> {
        self.0.current_directory()
    }

    fn search_path(&self) -> Vec<String> {
        Host::search_path(&self.0)
    }

    fn resolve(&self, path: &str) -> io::Result<Resolved> {
        self.0.resolve(path)
    }

    fn open_directory(&self, path: &str) -> io::Result<OpenDirectory> {
        self.0.open_directory(path)
    }

    fn file(&self, path: &str) -> io::Result<FileInfo> {
        Host::file(&self.0, path)
    }

    /// What a rule pins is a file of this machine.
    fn sha256(&self, path: &str) -> io::Result<String> {
        ThisMachine.sha256(path)
    }
}
