//! Policies that stand in files: JSON or TOML, put together from several, with tests of their own.

mod cases;
mod document;
mod merge;
mod source;

use crate::config::{Config, ConfigError, section};
use crate::host::{Host, ThisMachine};
use crate::policy::Policy;
use cases::Cases;
use document::Format;
use merge::{Object, at, in_camel_case, loosened, merge};
use serde_json::Value;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Includes of includes.
const MAX_DEPTH: usize = 8;

/// Files that one policy is read from; one that is included twice counts twice.
const MAX_FILES: usize = 64;

/// The version that this crate reads.
const VERSION: u64 = 1;

/// A policy file with its includes, read and put together. [`PolicyFile::config`] is the configuration that they make.
///
/// The end of the name says the format: `.json` (keys in camelCase) or `.toml` (keys in snake_case); both spellings are
/// read in both. Beside the configuration's own keys there are:
///
/// - `version`, which must be 1;
/// - `include`, other files: below the directory of the file that names them, or by an absolute path;
/// - `tests`, with `allow`, `ask` and `deny`: command lines of which that has to become;
/// - `$schema`, which is for editors.
///
/// A file says what it says on top of what it includes: objects key by key, lists together, everything else its own. What
/// it leaves open and two includes set to different values is an error, and so is an include that switches a check off
/// which the file does not switch off itself. So nothing that is denied somewhere is permitted by what is included, and
/// no result depends on the order of the includes.
///
/// Who can write a policy says what may run. A file that anybody may write, or that stands where anybody may replace it,
/// is refused.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    config: Object,
    cases: Vec<(PathBuf, Cases)>,
    files: Vec<PathBuf>,
}

impl PolicyFile {
    /// Reads a file and what it includes. `check` sees the configuration of each one by itself, so that a mistake is told
    /// with the file that it stands in.
    ///
    /// # Errors
    /// A [`ConfigError`] with the [file](ConfigError::file) and the key: one that cannot be read or trusted, is no JSON or
    /// TOML, has an unknown key or an unknown version; includes that go in a circle, too deep, too many, or elsewhere; and
    /// what `check` says.
    pub fn read(
        path: impl AsRef<Path>,
        check: &dyn Fn(Value) -> Result<(), ConfigError>,
    ) -> Result<PolicyFile, ConfigError> {
        let mut reader = Reader { check, chain: Vec::new(), files: Vec::new(), cases: Vec::new() };
        let Part { mut config, own, .. } = reader.read(path.as_ref())?;
        // A list that is there stands for the default one, and an include must not take that away.
        let agent = config.get("profile").is_some_and(|profile| !profile.is_null());
        if at(&own, "env.deny").is_none()
            && let Some(Value::Array(names)) = config.get_mut("env").and_then(|env| env.get_mut("deny"))
        {
            for name in crate::profile::denied_names(agent).iter().map(|name| Value::from(*name)) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let mut files: Vec<PathBuf> = Vec::new();
        for file in reader.files {
            if !files.contains(&file) {
                files.push(file);
            }
        }
        Ok(PolicyFile { config, cases: reader.cases, files })
    }

    /// The configuration that the files make together, as a reader of one takes it, with keys in camelCase.
    pub fn config(&self) -> Value {
        Value::Object(self.config.clone())
    }

    /// Where it was read from, the file itself first: absolute, links followed.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Runs the tests of the file, and of its includes those that say what is refused: whoever includes a file may forbid
    /// more than it does, not less. `policy` is what was made of [`config`](PolicyFile::config).
    ///
    /// They are judged on paper: every program is there, and so are the workspaces, which are empty.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the test: which command, what became of it, and why.
    pub fn test(&self, policy: &Policy) -> Result<(), ConfigError> {
        self.cases.iter().try_for_each(|(file, cases)| cases.run(policy).map_err(|error| error.in_file(file)))
    }
}

impl Policy {
    /// Reads a [`PolicyFile`], compiles it for this machine and runs its tests. It may hold what this crate knows of; for
    /// the sections of a terminal beside it there is `vetty::Terminal::load`.
    ///
    /// # Errors
    /// As [`PolicyFile::read`], [`Policy::new`] and [`PolicyFile::test`].
    pub fn load(path: impl AsRef<Path>) -> Result<Policy, ConfigError> {
        let check = |value: Value| Config::deserialize(value)?.check_patterns(ThisMachine.platform());
        let file = PolicyFile::read(path, &check)?;
        let whole = |error: ConfigError| match file.files().first() {
            Some(first) => error.in_file(first),
            None => error,
        };
        let policy = Config::deserialize(file.config()).and_then(|config| Policy::new(config, &ThisMachine));
        let policy = policy.map_err(whole)?.read_from(file.files());
        file.test(&policy)?;
        Ok(policy)
    }

    /// The same policy, which was read from these files: [`lint`](Policy::lint) looks at who may write them.
    #[must_use]
    pub fn read_from(mut self, files: &[PathBuf]) -> Policy {
        Arc::make_mut(&mut self.inner).files = files.into();
        self
    }

    /// Where it was read from: absolute, links followed. Empty if it was not read from files.
    pub fn files(&self) -> &[PathBuf] {
        &self.inner.files
    }
}

/// One file of a policy.
struct Part {
    /// With what it includes.
    config: Object,
    /// Without.
    own: Object,
    path: PathBuf,
}

struct Reader<'c> {
    check: &'c dyn Fn(Value) -> Result<(), ConfigError>,
    /// The files that include the present one, the outermost first.
    chain: Vec<PathBuf>,
    files: Vec<PathBuf>,
    cases: Vec<(PathBuf, Cases)>,
}

impl Reader<'_> {
    fn read(&mut self, path: &Path) -> Result<Part, ConfigError> {
        let wrong = |problem: String| ConfigError::new("", problem).in_file(path);
        let Some(format) = Format::of(path) else {
            return Err(wrong("expected a file whose name ends in .json or .toml".to_owned()));
        };
        let source::Source { path, text } = source::read(path).map_err(wrong)?;
        let wrong = |error: ConfigError| error.in_file(&path);
        if let Some(at) = self.chain.iter().position(|file| *file == path) {
            let circle: Vec<String> =
                self.chain[at..].iter().map(|file| file.display().to_string()).collect();
            let problem = format!("includes itself: {} -> {}", circle.join(" -> "), path.display());
            return Err(wrong(ConfigError::new("include", problem)));
        }
        if self.chain.len() > MAX_DEPTH {
            let problem = format!("expected at most {MAX_DEPTH} files within one another");
            return Err(wrong(ConfigError::new("include", problem)));
        }
        self.files.push(path.clone());
        if self.files.len() > MAX_FILES {
            return Err(wrong(ConfigError::new(
                "include",
                format!("expected at most {MAX_FILES} files in all"),
            )));
        }
        let value = document::parse(format, &text).map_err(|problem| wrong(ConfigError::new("", problem)))?;
        let Head { includes, cases, config: own } = Head::take(value).map_err(wrong)?;
        (self.check)(Value::Object(own.clone())).map_err(wrong)?;
        let own = in_camel_case(own)
            .map_err(|key| wrong(ConfigError::new(key, "expected once, got it in both spellings")))?;
        let cases = if self.chain.is_empty() { cases } else { cases.only_refusals() };
        self.cases.push((path.clone(), cases));
        self.chain.push(path.clone());
        let included = self.include(&path, &includes);
        self.chain.pop();
        let parts = included?;
        let configs: Vec<Object> = parts.iter().map(|part| part.config.clone()).collect();
        let config = merge(own.clone(), &configs).map_err(|conflict| {
            let said = conflict.values.map(|(at, value)| format!("{value} in {}", parts[at].path.display()));
            let problem = format!("expected one value, got {}: say here which", said.join(" and "));
            wrong(ConfigError::new(conflict.key, problem))
        })?;
        if let Some(key) = loosened(&own, &config) {
            let problem =
                "an include loosens it, which holds only where the file that includes it says so itself";
            return Err(wrong(ConfigError::new(key, problem)));
        }
        Ok(Part { config, own, path })
    }

    fn include(&mut self, path: &Path, includes: &[String]) -> Result<Vec<Part>, ConfigError> {
        let read = |(index, name): (usize, &String)| {
            let key = || format!("include[{index}]");
            let wrong = |problem: &str| {
                Err(ConfigError::new(key(), format!("{problem}, got {name:?}")).in_file(path))
            };
            let named = Path::new(name);
            let below =
                named.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
            if !named.is_absolute() && (!below || name.is_empty() || name.starts_with('~')) {
                return wrong("expected a file below this one's directory, or an absolute path");
            }
            let directory = path.parent().unwrap_or(path);
            let target = directory.join(named);
            // A link may lead out, too.
            if !named.is_absolute()
                && std::fs::canonicalize(&target).is_ok_and(|real| !real.starts_with(directory))
            {
                return wrong("expected a file below this one's directory, or an absolute path");
            }
            self.read(&target)
        };
        includes.iter().enumerate().map(read).collect()
    }
}

/// What is no configuration in a file, apart from what is.
struct Head {
    includes: Vec<String>,
    cases: Cases,
    config: Object,
}

impl Head {
    fn take(value: Value) -> Result<Head, ConfigError> {
        let mut config: Object = section::read("", value)?;
        match config.remove("version") {
            Some(version) if version.as_u64() == Some(VERSION) => {}
            Some(version) => {
                return Err(ConfigError::new("version", format_args!("expected {VERSION}, got {version}")));
            }
            None => return Err(ConfigError::new("version", format_args!("expected {VERSION}, got none"))),
        }
        if let Some(schema) = config.remove("$schema").filter(|schema| !schema.is_string()) {
            return Err(ConfigError::new("$schema", format_args!("expected a string, got {schema}")));
        }
        let includes = match config.remove("include") {
            Some(list) => texts("include", list)?,
            None => Vec::new(),
        };
        let cases = config.remove("tests").map_or_else(|| Ok(Cases::default()), Cases::read)?;
        Ok(Head { includes, cases, config })
    }
}

fn texts(key: &str, value: Value) -> Result<Vec<String>, ConfigError> {
    let Value::Array(elements) = value else {
        return Err(ConfigError::new(key, format_args!("expected an array of strings, got {value}")));
    };
    let text = |(index, element)| match element {
        Value::String(text) => Ok(text),
        other => {
            Err(ConfigError::new(format!("{key}[{index}]"), format_args!("expected a string, got {other}")))
        }
    };
    elements.into_iter().enumerate().map(text).collect()
}
