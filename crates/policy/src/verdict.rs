//! What the policy says of one call, and why.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

macro_rules! codes {
    ($(#[doc = $doc:literal] $code:ident = $name:literal,)+) => {
        /// Stable reasons. New ones come with minor versions.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $doc] $code,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$(Code::$code),+];

            /// The stable name, as in `COMMAND_NOT_ALLOWED`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$code => $name,)+
                }
            }
        }
    };
}

codes! {
    /// It may run.
    Allowed = "ALLOWED",
    /// No pattern permits it.
    CommandNotAllowed = "COMMAND_NOT_ALLOWED",
    /// A pattern forbids it.
    CommandDenied = "COMMAND_DENIED",
    /// More than `commands.maxArgs`.
    TooManyArguments = "TOO_MANY_ARGUMENTS",
    /// A character that a shell would act on.
    ShellMetacharacter = "SHELL_METACHARACTER",
    /// CR, LF or ESC.
    ControlCharacter = "CONTROL_CHARACTER",
    /// A NUL byte, which would end the text for the kernel.
    NulByte = "NUL_BYTE",
    /// A segment of dots.
    PathTraversal = "PATH_TRAVERSAL",
    /// An argument or the program names a place that is not granted.
    PathOutsideWorkspace = "PATH_OUTSIDE_WORKSPACE",
    /// The directory is not granted.
    WorkspaceNotAllowed = "WORKSPACE_NOT_ALLOWED",
    /// The directory does not exist or is none.
    CwdNotFound = "CWD_NOT_FOUND",
    /// The line cannot be split into words, or its first word is no program.
    MalformedCommand = "MALFORMED_COMMAND",
    /// No program.
    EmptyCommand = "EMPTY_COMMAND",
    /// The search path has no such program, or the file cannot be executed.
    ProgramNotFound = "PROGRAM_NOT_FOUND",
    /// Longer than the system takes.
    ArgumentTooLong = "ARGUMENT_TOO_LONG",
    /// A variable with a bad name or value.
    InvalidEnvironment = "INVALID_ENVIRONMENT",
    /// The line needs a shell that `allow` does not name.
    ShellNotAllowed = "SHELL_NOT_ALLOWED",
    /// It must be approved.
    ApprovalRequired = "APPROVAL_REQUIRED",
    /// The kernel cannot enforce what the configuration asks.
    SandboxUnsupported = "SANDBOX_UNSUPPORTED",
    /// Whoever was asked did not approve it.
    ApprovalDenied = "APPROVAL_DENIED",
    /// Whoever was asked did not answer in time.
    ApprovalTimeout = "APPROVAL_TIMEOUT",
    /// An option that may not be used.
    FlagDenied = "FLAG_DENIED",
    /// An option that the table of a known program does not have.
    FlagUnknown = "FLAG_UNKNOWN",
    /// A program that runs another one, and which cannot be judged by it.
    WrapperDenied = "WRAPPER_DENIED",
    /// A program that runs code, which nothing permits.
    InterpreterDenied = "INTERPRETER_DENIED",
    /// What was decided cannot be recorded.
    AuditUnavailable = "AUDIT_UNAVAILABLE",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
        let name = String::deserialize(deserializer)?;
        let unknown = || serde::de::Error::custom(format!("no code is called {name}"));
        Code::ALL.iter().copied().find(|code| code.as_str() == name).ok_or_else(unknown)
    }
}

/// The pattern that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuleRef {
    /// As written.
    pub text: String,
    /// Where it stands: `commands.deny[0]`.
    pub key: String,
}

/// What the policy says of one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Verdict {
    /// Whether it may run.
    pub allowed: bool,
    /// Why.
    pub code: Code,
    /// Why, for a person. Never says what else would be allowed.
    pub message: String,
    /// The pattern that decided.
    pub rule: Option<RuleRef>,
    /// What to do, for a person or an agent; each refusal has one.
    pub hint: Option<String>,
    /// As judged; empty if it did not parse.
    pub argv: Vec<String>,
    /// Absolute file that would run.
    pub program: Option<String>,
    /// Absolute, symlinks resolved.
    pub cwd: Option<String>,
    /// Names (never values) that would reach the child.
    pub env: Vec<String>,
    /// Names that were filtered out.
    pub dropped: Vec<String>,
    /// SHA-256 of the policy, hex.
    pub policy: String,
}

impl Verdict {
    /// A refusal of nothing in particular yet.
    pub(crate) fn refused(refusal: Refusal, argv: Vec<String>, policy: &str) -> Verdict {
        Verdict {
            allowed: false,
            code: refusal.code,
            message: refusal.message,
            rule: refusal.rule,
            hint: Some(refusal.hint),
            argv,
            program: None,
            cwd: None,
            env: Vec::new(),
            dropped: Vec::new(),
            policy: policy.to_owned(),
        }
    }
}

/// Why a call is refused, before it is put into its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: String,
    pub(crate) rule: Option<RuleRef>,
}

impl Refusal {
    /// The hint says what to do about it.
    pub(crate) fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Refusal {
        Refusal { code, message: message.into(), hint: hint.into(), rule: None }
    }

    /// A refusal of an argument: the reference's wording starts all of them alike.
    pub(crate) fn argument(code: Code, problem: impl fmt::Display, hint: impl Into<String>) -> Refusal {
        Refusal::new(code, format!("Argument validation failed: {problem}"), hint)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Refusal {
        self.hint = hint.into();
        self
    }

    /// With the reason that a rule gives.
    pub(crate) fn because(mut self, rule: &crate::rule::Rule) -> Refusal {
        if let Some(reason) = rule.flags().and_then(|flags| flags.reason.as_deref()) {
            self.message = format!("{} ({})", self.message, shown(reason));
        }
        self
    }

    pub(crate) fn rule(mut self, rule: RuleRef) -> Refusal {
        self.rule = Some(rule);
        self
    }
}

/// A call that may not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial(Box<Verdict>);

impl Denial {
    pub(crate) fn new(verdict: Verdict) -> Denial {
        Denial(Box::new(verdict))
    }

    /// Why.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// All that is known of the call.
    pub fn verdict(&self) -> &Verdict {
        &self.0
    }

    /// The same refusal after somebody was asked. `in_time`: they answered, and did not approve.
    #[must_use]
    pub fn unapproved(mut self, in_time: bool) -> Denial {
        let verdict = &mut *self.0;
        let (code, how, hint) = match in_time {
            true => {
                (Code::ApprovalDenied, "it was not approved", "do something else: whoever was asked said no")
            }
            false => {
                (Code::ApprovalTimeout, "nobody approved it in time", "ask again when somebody can answer")
            }
        };
        let program = verdict.argv.first().map_or("", String::as_str);
        verdict.message = format!("Command not allowed: {} ({how})", shown(program));
        verdict.code = code;
        verdict.hint = Some(hint.to_owned());
        self
    }

    /// The refusal of a call of which the audit trail takes no event, whatever was decided.
    #[must_use]
    pub fn unavailable(mut verdict: Verdict) -> Denial {
        let program = verdict.argv.first().map_or("", String::as_str);
        verdict.message = format!("Command not allowed: {} (the audit trail takes no event)", shown(program));
        verdict.allowed = false;
        verdict.code = Code::AuditUnavailable;
        verdict.hint = Some(
            "the disk of audit.file is full, slow or gone, or nobody reads the events: mend that, then try again"
                .to_owned(),
        );
        Denial(Box::new(verdict))
    }

    /// All that is known of the call.
    pub fn into_verdict(self) -> Verdict {
        *self.0
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Denial {}

/// Characters of refused text that a message shows at most.
const MAX_SHOWN: usize = 200;

/// `text` with control and invisible characters escaped, so that a message cannot act on a terminal or a log.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(MAX_SHOWN));
    for (i, c) in text.chars().enumerate() {
        if i == MAX_SHOWN {
            shown.push_str("...");
            break;
        }
        if c.is_control() || is_invisible(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Format characters and separators that do not show, or reorder what does.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_cannot_act_on_a_terminal() {
        assert_eq!(shown("a\u{1b}[31m\r\nb\u{202e}c\u{9b}"), "a\\u{1b}[31m\\r\\nb\\u{202e}c\\u{9b}");
        assert_eq!(shown("gr\u{fc}n"), "gr\u{fc}n");
        assert_eq!(shown(&"x".repeat(1000)).len(), MAX_SHOWN + 3);
    }
}
