//! A terminal whose configuration stands in a file.

use std::path::Path;

use serde_json::Value;
use vetty_policy::{Host, PolicyFile, ThisMachine};

use crate::{Config, ConfigChange, ConfigError, Terminal};

impl Terminal {
    /// Reads a policy file (`.toml` or `.json`) with what it includes, makes a terminal of it, and runs the file's tests.
    /// The format, and who may write such a file, is told by [`PolicyFile`] and by the guide's chapter on policy files.
    ///
    /// It reads files, so on a runtime it belongs into the start of the program, or into `spawn_blocking`.
    ///
    /// # Errors
    /// [`ConfigError`] names the file and the key: what cannot be read, trusted or used, and which test failed, and why.
    pub fn load(path: impl AsRef<Path>) -> Result<Terminal, ConfigError> {
        let check = |value: Value| Config::from_json(value)?.policy.check_patterns(ThisMachine.platform());
        let file = PolicyFile::read(path, &check)?;
        let made = || {
            let config = Config::from_json(file.config())?;
            let policy = Terminal::compile(&config)?.read_from(file.files());
            Ok((policy, config))
        };
        let (policy, config) = made().map_err(|error: ConfigError| match file.files().first() {
            Some(first) => error.in_file(first),
            None => error,
        })?;
        file.test(&policy)?;
        Terminal::with_compiled(policy, config, ConfigChange::Initialize)
    }
}
