//! Which variables reach the child.

use crate::config::{ConfigError, EnvConfig};
use crate::path;
use crate::pattern::glob::{self, Glob, Reach};
use crate::platform::Platform;
use crate::verdict::{Code, Refusal, shown};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::sync::{Arc, Mutex};

/// The variables that a wildcard never lets through.
const GUARDED: &str = include_str!("guarded.txt");

/// A compiled `env` section.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    allow: Vec<Name>,
    deny: Vec<Name>,
    guarded: Arc<Guarded>,
    set: Vec<(String, String)>,
    platform: Platform,
}

/// What a child gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filtered {
    pub(crate) variables: Vec<(OsString, OsString)>,
    pub(crate) names: Vec<String>,
    pub(crate) dropped: Vec<String>,
}

#[derive(Debug)]
struct Guarded {
    /// `[code]`, then `[secret]`.
    spelled_only: Vec<Name>,
    /// How many are `[code]`.
    code: usize,
    /// `[outer]`.
    never: Vec<Name>,
}

/// A name or a glob over names.
#[derive(Debug, Clone)]
enum Name {
    Exact(String),
    Glob(Glob),
}

impl Name {
    fn new(text: &str, folded: bool) -> Result<Name, String> {
        let glob = Glob::new(text, Reach::Wide, folded)?;
        Ok(glob.literal().map_or(Name::Glob(glob), Name::Exact))
    }

    fn matches(&self, name: &str, folded: bool) -> bool {
        match self {
            Name::Exact(own) if folded => path::same_folded(own, name),
            Name::Exact(own) => own == name,
            Name::Glob(glob) => glob.matches(name),
        }
    }
}

impl Guarded {
    /// Parsed once for each way of comparing.
    fn shared(folded: bool) -> Arc<Guarded> {
        static PARSED: Mutex<[Option<Arc<Guarded>>; 2]> = Mutex::new([None, None]);
        let mut parsed = PARSED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        parsed[usize::from(folded)].get_or_insert_with(|| Arc::new(Guarded::parse(folded))).clone()
    }

    fn parse(folded: bool) -> Guarded {
        let mut guarded = Guarded { spelled_only: Vec::new(), code: 0, never: Vec::new() };
        let mut never = false;
        for line in GUARDED.lines().map(str::trim) {
            match line {
                "" => {}
                _ if line.starts_with('#') => {}
                "[secret]" => guarded.code = guarded.spelled_only.len(),
                _ if line.starts_with('[') => never = line == "[outer]",
                _ => {
                    let name = Name::new(line, folded).expect("the data file holds valid globs");
                    if never { guarded.never.push(name) } else { guarded.spelled_only.push(name) }
                }
            }
        }
        guarded
    }
}

/// Why a variable passes only if it is written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    /// It says what a program loads or runs.
    Code,
    /// Its name says secret.
    Secret,
}

impl Environment {
    /// What a name is guarded for.
    pub(crate) fn guard(&self, name: &str) -> Option<Guard> {
        let folded = glob::folds(self.platform);
        let at = self.guarded.spelled_only.iter().position(|own| own.matches(name, folded))?;
        Some(if at < self.guarded.code { Guard::Code } else { Guard::Secret })
    }

    /// Compiles a section.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the glob or the variable.
    pub(crate) fn new(config: &EnvConfig, platform: Platform) -> Result<Environment, ConfigError> {
        let folded = glob::folds(platform);
        let list = |key: &str, globs: &[String]| -> Result<Vec<Name>, ConfigError> {
            let compile = |(i, text): (usize, &String)| {
                Name::new(text, folded)
                    .map_err(|problem| ConfigError::pattern(format!("{key}[{i}]"), problem))
            };
            globs.iter().enumerate().map(compile).collect()
        };
        let set: Vec<(String, String)> = config.set.clone().into_iter().collect();
        if folded && let Some(name) = differs_in_case_only(set.iter().map(|(name, _)| name.as_str())) {
            return Err(ConfigError::new(
                format!("env.set.{name}"),
                "expected one name, got two that differ in case only",
            ));
        }
        Ok(Environment {
            allow: list("env.allow", config.allow.as_deref().unwrap_or_default())?,
            deny: list("env.deny", config.deny.as_deref().unwrap_or_default())?,
            guarded: Guarded::shared(folded),
            set,
            platform,
        })
    }

    /// The parent's variables, then the call's, each filtered, then the fixed ones.
    ///
    /// # Errors
    /// A bad name or value in the call's.
    pub(crate) fn filter(
        &self,
        parent: &[(OsString, OsString)],
        call: &[(OsString, OsString)],
    ) -> Result<Filtered, Refusal> {
        let folded = glob::folds(self.platform);
        let mut passed: BTreeMap<Cow<'_, str>, (&str, &OsStr)> = BTreeMap::new();
        let mut dropped: BTreeSet<Cow<'_, str>> = BTreeSet::new();
        fn key(name: &str, folded: bool) -> Cow<'_, str> {
            if folded { fold(name).into() } else { name.into() }
        }
        for (name, value) in parent {
            let Some(name) = name.to_str() else {
                // A name that is no text can be judged by no glob.
                dropped.insert(name.to_string_lossy());
                continue;
            };
            let sound = name_problem(name).is_none() && !contains_nul(value) && self.fits(name, value);
            if sound && self.passes(name) {
                passed.insert(key(name, folded), (name, value));
            } else {
                dropped.insert(name.into());
            }
        }
        self.check_call(call)?;
        for (name, value) in call {
            let name = name.to_str().expect("check_call refuses other names");
            if self.passes(name) {
                passed.insert(key(name, folded), (name, value));
            } else {
                dropped.insert(name.into());
            }
        }
        for (name, value) in &self.set {
            passed.insert(key(name, folded), (name, value.as_ref()));
        }
        dropped.retain(|name| !passed.contains_key(&key(name, folded)));
        Ok(Filtered {
            names: passed.values().map(|(name, _)| (*name).to_owned()).collect(),
            variables: passed.into_values().map(|(name, value)| (name.into(), value.to_owned())).collect(),
            dropped: dropped.into_iter().map(Cow::into_owned).collect(),
        })
    }

    /// The parent's variables but for what no system takes, then the call's.
    ///
    /// # Errors
    /// A bad name or value in the call's.
    pub(crate) fn everything(
        &self,
        parent: &[(OsString, OsString)],
        call: &[(OsString, OsString)],
    ) -> Result<Filtered, Refusal> {
        let is_sound = |(name, value): &&(OsString, OsString)| {
            let bytes = name.as_encoded_bytes();
            let is_name = !bytes.is_empty() && !bytes.contains(&b'=') && !contains_nul(name);
            is_name && !contains_nul(value) && self.fits(name, value)
        };
        self.check_call(call)?;
        let (sound, unsound): (Vec<_>, Vec<_>) = parent.iter().partition(is_sound);
        let passed: BTreeMap<OsString, OsString> = sound.into_iter().chain(call).cloned().collect();
        let unsound: BTreeSet<&OsString> = unsound.into_iter().map(|(name, _)| name).collect();
        let dropped = unsound.into_iter().filter(|name| !passed.contains_key(*name));
        let text = |name: &OsString| name.to_string_lossy().into_owned();
        Ok(Filtered {
            names: passed.keys().map(text).collect(),
            dropped: dropped.map(text).collect(),
            variables: passed.into_iter().collect(),
        })
    }

    fn check_call(&self, call: &[(OsString, OsString)]) -> Result<(), Refusal> {
        const NAME: &str = "write a name without equals signs, whitespace and control characters";
        for (name, value) in call {
            let (problem, hint) = match name.to_str() {
                None => ("the name is no UTF-8", NAME),
                Some(name) if !self.fits(name, value) => {
                    ("it is longer than the system takes", "pass the value as input, or in a file")
                }
                Some(name) => match name_problem(name) {
                    Some(problem) => (problem, NAME),
                    None if contains_nul(value) => {
                        ("the value holds a NUL byte", "leave the NUL byte out of the value")
                    }
                    None => continue,
                },
            };
            return Err(invalid(&name.to_string_lossy(), problem, hint));
        }
        if glob::folds(self.platform) {
            let names: BTreeSet<&str> = call.iter().filter_map(|(name, _)| name.to_str()).collect();
            if let Some(name) = differs_in_case_only(names.into_iter()) {
                let hint = "names ignore case on Windows: keep one of the two";
                return Err(invalid(name, "two names differ in case only", hint));
            }
        }
        Ok(())
    }

    /// The system counts `NAME=value` like an argument.
    fn fits(&self, name: impl AsRef<OsStr>, value: &OsStr) -> bool {
        name.as_ref().len() + 1 + value.len() <= self.platform.max_argument()
    }

    /// Whether the filters let a sound name through.
    pub(crate) fn passes(&self, name: &str) -> bool {
        let folded = glob::folds(self.platform);
        let any = |names: &[Name]| names.iter().any(|own| own.matches(name, folded));
        let spelled =
            || self.allow.iter().any(|own| matches!(own, Name::Exact(_)) && own.matches(name, folded));
        // Most variables stand in no list, and the list of the allowed is the short one.
        if !(self.allow.is_empty() || any(&self.allow)) || any(&self.deny) {
            return false;
        }
        !any(&self.guarded.never) && (spelled() || !any(&self.guarded.spelled_only))
    }
}

fn invalid(name: &str, problem: &str, hint: &str) -> Refusal {
    // What stands behind an equals sign was meant as a value, and values are never told.
    let name = name.split('=').next().unwrap_or(name);
    let message = format!("Environment validation failed: variable \"{}\": {problem}", shown(name));
    Refusal::new(Code::InvalidEnvironment, message, hint)
}

fn contains_nul(value: &OsStr) -> bool {
    value.as_encoded_bytes().contains(&0)
}

/// What is wrong with a variable's name.
fn name_problem(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("the name is empty")
    } else if name.contains('=') {
        Some("the name holds an equals sign")
    } else if name.contains('\0') {
        Some("the name holds a NUL byte")
    } else if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        Some("the name holds whitespace or a control character")
    } else {
        None
    }
}

/// Checks a fixed variable.
pub(crate) fn check_variable(name: &str, value: &str) -> Result<(), &'static str> {
    match name_problem(name) {
        Some(problem) => Err(problem),
        None if value.contains('\0') => Err("the value holds a NUL byte"),
        None => Ok(()),
    }
}

/// The first name that another one equals but for case.
fn differs_in_case_only<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    names.into_iter().find(|name| !seen.insert(fold(name)))
}

fn fold(name: &str) -> String {
    name.chars().map(path::fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(platform: Platform, allow: &[&str], deny: &[&str]) -> Environment {
        let list = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let config = EnvConfig { allow: list(allow), deny: list(deny), set: BTreeMap::new() };
        Environment::new(&config, platform).unwrap()
    }

    fn pairs(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        variables.iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    #[test]
    fn deny_wins_over_allow_and_globs_match_whole_names() {
        let filter = environment(Platform::Linux, &["A*", "*_X"], &["AB*"]);
        for (name, passes) in
            [("A", true), ("AC", true), ("AB", false), ("B_X", true), ("XA", false), ("a", false)]
        {
            assert_eq!(filter.passes(name), passes, "{name}");
        }
    }

    #[test]
    fn what_loads_code_or_holds_a_secret_must_be_spelled() {
        for allow in [&[][..], &["*"], &["LD_*", "GITHUB_*", "PA*", "[L]D_PRELOA?"]] {
            let filter = environment(Platform::Linux, allow, &[]);
            for name in [
                "LD_PRELOAD",
                "LD_AUDIT",
                "DYLD_INSERT_LIBRARIES",
                "NODE_OPTIONS",
                "BASH_ENV",
                "ENV",
                "PYTHONSTARTUP",
                "PYTHONPATH",
                "PERL5OPT",
                "RUBYOPT",
                "GIT_SSH_COMMAND",
                "GIT_EXTERNAL_DIFF",
                "GIT_CONFIG_COUNT",
                "GIT_CONFIG_KEY_0",
                "MANPAGER",
                "PAGER",
                "EDITOR",
                "VISUAL",
                "LESSOPEN",
                "GCONV_PATH",
                "IFS",
                "PS4",
                "BASH_FUNC_x%%",
                "GITHUB_TOKEN",
                "CLIENT_SECRET",
                "DB_PASSWORD",
                "MYSQL_PASSWD",
                "X_CREDENTIALS",
                "API_KEY",
                "AWS_REGION",
                "COLUMNS",
                "TMUX",
                "CLAUDECODE",
            ] {
                assert!(!filter.passes(name), "{name} with {allow:?}");
            }
        }
        let filter = environment(Platform::Linux, &["LD_PRELOAD", "COLUMNS", "API_KEY"], &[]);
        assert!(filter.passes("LD_PRELOAD") && filter.passes("API_KEY"));
        assert!(!filter.passes("COLUMNS"));
        assert!(environment(Platform::Linux, &[], &[]).passes("KEYBOARD"));
    }

    #[test]
    fn windows_names_ignore_case() {
        let filter = environment(Platform::Windows, &[], &["PATH"]);
        assert!(!filter.passes("Path") && !filter.passes("node_options"));
        assert!(environment(Platform::Linux, &[], &["PATH"]).passes("Path"));
        let twice = pairs(&[("PATH", "a"), ("Path", "b")]);
        assert_eq!(filter.filter(&[], &twice).unwrap_err().code, Code::InvalidEnvironment);
        let filter = environment(Platform::Windows, &[], &[]);
        let filtered = filter.filter(&pairs(&[("Path", "a")]), &pairs(&[("PATH", "b")])).unwrap();
        assert_eq!(filtered.variables, pairs(&[("PATH", "b")]));
        let same = pairs(&[("A", "1"), ("A", "2")]);
        assert_eq!(filter.filter(&[], &same).unwrap().variables, pairs(&[("A", "2")]));
    }

    #[test]
    fn bad_names_are_refused_in_a_call_and_dropped_from_the_parent() {
        let filter = environment(Platform::Linux, &[], &[]);
        for name in ["", "A=B", "A B", "A\nB", "A\0", "A\tB", "A\u{a0}B"] {
            let bad = pairs(&[(name, "v")]);
            assert_eq!(filter.filter(&[], &bad).unwrap_err().code, Code::InvalidEnvironment, "{name:?}");
            let filtered = filter.filter(&bad, &[]).unwrap();
            assert_eq!((filtered.variables.len(), filtered.dropped.len()), (0, 1), "{name:?}");
        }
        assert!(filter.filter(&[], &pairs(&[("A", "x\0y")])).is_err());
        assert_eq!(filter.filter(&[], &pairs(&[("A", "")])).unwrap().variables, pairs(&[("A", "")]));
    }

    #[test]
    fn the_call_overrides_the_parent_and_fixed_values_override_both() {
        let mut config = EnvConfig { allow: Some(vec!["A".into(), "B".into()]), ..EnvConfig::default() };
        config.set.insert("B".into(), "fixed".into());
        config.set.insert("LD_PRELOAD".into(), "owner".into());
        let filter = Environment::new(&config, Platform::Linux).unwrap();
        let parent = pairs(&[("A", "parent"), ("B", "parent"), ("C", "parent")]);
        let filtered = filter.filter(&parent, &pairs(&[("A", "call"), ("B", "call")])).unwrap();
        assert_eq!(filtered.variables, pairs(&[("A", "call"), ("B", "fixed"), ("LD_PRELOAD", "owner")]));
        assert_eq!(filtered.names, ["A", "B", "LD_PRELOAD"]);
        assert_eq!(filtered.dropped, ["C"]);
    }
}
