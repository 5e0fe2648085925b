//! The rows of the corpus as its README describes them.

use std::ffi::OsString;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use vetty_policy::{CommandLine, Config, Malformed, Profile, text_from_utf16};

use crate::encoding::Encoded;

/// One command line and what should become of it. An unknown key is an error: nothing of a row may be overlooked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub id: String,
    pub category: String,
    pub tier: Tier,
    /// One or more, with commas between.
    platform: String,
    config: Value,
    command: Value,
    pub cwd: Option<String>,
    env: Option<Value>,
    options: Option<Value>,
    /// What the caller does to its own objects after it has configured. A Rust caller has given them away.
    #[allow(dead_code, reason = "for the JavaScript face")]
    mutate: Option<String>,
    pub expected: Expected,
    why: String,
    pub expected_stdout: Option<String>,
    pub must_output: Option<String>,
    pub must_not_output: Option<String>,
    #[allow(dead_code, reason = "for readers")]
    ambiguous: Option<bool>,
}

/// Who can get a row right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// The pattern filter alone.
    Core,
    /// What has knowledge of programs.
    Rules,
    /// No filter: what is expected documents the limit.
    Os,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    /// Refused before anything is spawned; of a variable: it does not reach the child.
    Deny,
    /// The call or the configuration is wrong.
    Error,
    /// It runs.
    Allow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    Posix,
    MacOs,
    Windows,
}

/// What a row's command is, decoded.
#[derive(Debug, Clone)]
pub enum Command {
    Line(String),
    Argv(Vec<String>),
}

/// Every row there is.
pub fn all() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/command-cases.json");
    // serde_json refuses lone surrogates; they are kept as the private text that `decoded` knows.
    let text = std::fs::read_to_string(path).unwrap().replace("\\ud800", LONE_SURROGATE);
    serde_json::from_str(&text).unwrap()
}

const LONE_SURROGATE: &str = "<d800>";

impl Row {
    pub fn systems(&self) -> impl Iterator<Item = System> {
        self.platform.split(',').map(|name| match name {
            "posix" => System::Posix,
            "darwin" => System::MacOs,
            "win32" => System::Windows,
            other => panic!("{}: {other} is no platform", self.id),
        })
    }

    /// The policy's configuration.
    pub fn config(&self) -> Result<Config, String> {
        if let Some(options) = &self.options {
            // The only option of the corpus is a time limit; a call's is the same number as the configuration's.
            let [("timeout", _)] =
                options.as_object().unwrap().iter().map(|(k, v)| (k.as_str(), v)).collect::<Vec<_>>()[..]
            else {
                panic!("{}: {options} are not known", self.id)
            };
            Config::deserialize(Encoded(options)).map_err(|error| error.to_string())?;
        }
        let mut config = Config::deserialize(Encoded(&self.config)).map_err(|error| error.to_string())?;
        if self.tier == Tier::Rules {
            config.profile = Some(Profile::Agent);
        }
        Ok(config)
    }

    pub fn command(&self) -> Result<Command, String> {
        match &self.command {
            Value::String(text) => decoded(text).map(Command::Line).map_err(|error| error.to_string()),
            Value::Object(command) if command.contains_key("$repeat") => {
                let [prefix, unit, count] = command["$repeat"].as_array().unwrap().as_slice() else {
                    panic!()
                };
                let repeated = unit.as_str().unwrap().repeat(count.as_u64().unwrap() as usize);
                Ok(Command::Line(format!("{}{repeated}", prefix.as_str().unwrap()).trim().to_owned()))
            }
            Value::Object(command) => {
                let words = command["$array"].as_array().unwrap();
                Ok(Command::Argv(words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()))
            }
            other => Err(format!("{other} is no command")),
        }
    }

    /// The call's own variables.
    pub fn env(&self) -> Result<Vec<(OsString, OsString)>, String> {
        let Some(env) = &self.env else { return Ok(Vec::new()) };
        let parsed;
        let env = match env.get("$json") {
            Some(json) => {
                parsed = serde_json::from_str(json.as_str().unwrap()).unwrap();
                &parsed
            }
            None => env,
        };
        let pair = |(name, value): (&String, &Value)| match value {
            Value::String(value) => Ok((OsString::from(name), OsString::from(value))),
            other => Err(format!("{other} is no value of a variable")),
        };
        env.as_object().unwrap().iter().map(pair).collect()
    }

    /// Whether it is about a variable, which may be dropped silently where others are refused.
    pub fn is_about_a_variable(&self) -> bool {
        self.category == "env"
    }

    /// What to say of a row that came out as `outcome`.
    pub fn complaint(&self, outcome: impl std::fmt::Debug) -> String {
        format!("{}: {:?} but {outcome:?}: {}", self.id, self.expected, self.why)
    }

    /// With its placeholders replaced.
    pub fn filled(&self, places: &[(&str, String)]) -> Row {
        let mut text = serde_json::to_string(self).unwrap();
        for (name, path) in places {
            let json = serde_json::to_string(path).unwrap();
            text = text.replace(name, json.trim_matches('"'));
        }
        serde_json::from_str(&text).unwrap()
    }
}

fn decoded(text: &str) -> Result<String, Malformed> {
    let mut units = Vec::new();
    for (i, piece) in text.split(LONE_SURROGATE).enumerate() {
        if i > 0 {
            units.push(0xd800);
        }
        units.extend(piece.encode_utf16());
    }
    let decoded = text_from_utf16(&units);
    assert!(decoded.is_ok() || CommandLine::from_utf16(&units).is_err());
    decoded
}
