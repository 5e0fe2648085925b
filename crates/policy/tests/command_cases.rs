//! Every command line of the corpus that a filter can judge comes out as expected.

#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use serde::de::value::{Error as ValueError, F64Deserializer};
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use vetty_policy::{
    Code, CommandInput, CommandLine, Config, FakeHost, Host, Malformed, Platform, Policy, Request,
    ThisMachine, text_from_utf16,
};

/// What became of a case.
#[derive(Debug, PartialEq)]
enum Outcome {
    Allowed {
        program: String,
        env: Vec<(OsString, OsString)>,
    },
    Refused(Code),
    /// The configuration, or something that is no text.
    Unusable(String),
}

/// Codes that say that the call itself is wrong.
const ERRORS: &[Code] = &[
    Code::MalformedCommand,
    Code::EmptyCommand,
    Code::NulByte,
    Code::CwdNotFound,
    Code::InvalidEnvironment,
    Code::ArgumentTooLong,
    Code::ProgramNotFound,
];

#[test]
fn cases_for_posix_come_out_as_expected() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in cases().iter().filter(|case| text(case, "platform") == "posix") {
        let fixture = Fixture::new();
        let case = fixture.filled(case);
        let outcome = judge(&case, &ThisMachine, &fixture);
        wrong.extend(complaint(&case, &outcome, &fixture));
        count += 1;
    }
    assert!(count > 150, "{count} cases");
    assert!(
        wrong.is_empty(),
        "{} of {count} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn cases_for_windows_and_macos_come_out_as_expected() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, platform) in [("win32", Platform::Windows), ("darwin", Platform::MacOs)] {
        for case in cases()
            .iter()
            .filter(|case| text(case, "platform").split(',').any(|own| own == name))
        {
            let fixture = Fixture::emulated(platform);
            let case = fixture.filled(case);
            let host = emulated(platform, &case);
            let outcome = judge(&case, &host, &fixture);
            wrong.extend(complaint(&case, &outcome, &fixture));
            count += 1;
        }
    }
    assert!(count > 20, "{count} cases");
    assert!(
        wrong.is_empty(),
        "{} of {count} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn judge(case: &Map<String, Value>, host: &dyn Host, fixture: &Fixture) -> Outcome {
    let config = match Config::deserialize(Encoded(&case["config"])) {
        Ok(config) => config,
        Err(error) => return Outcome::Unusable(error.to_string()),
    };
    if let Some(options) = case.get("options") {
        // The only option of the corpus is a time limit; it is a number like the configuration's.
        let timeout = serde_json::json!({ "timeout": options["timeout"] });
        if let Err(error) = Config::deserialize(Encoded(&timeout)) {
            return Outcome::Unusable(error.to_string());
        }
    }
    let policy = match Policy::new(config, host) {
        Ok(policy) => policy,
        Err(error) => return Outcome::Unusable(error.to_string()),
    };
    let (mut line, mut argv) = (String::new(), Vec::new());
    match &case["command"] {
        Value::String(text) => match decoded(text) {
            Ok(text) => line = text,
            Err(error) => return Outcome::Unusable(error.to_string()),
        },
        Value::Object(command) if command.contains_key("$repeat") => {
            let [prefix, unit, count] = command["$repeat"].as_array().unwrap().as_slice() else {
                panic!()
            };
            let repeated = unit.as_str().unwrap().repeat(count.as_u64().unwrap() as usize);
            line = format!("{}{repeated}", prefix.as_str().unwrap())
                .trim()
                .to_owned();
        }
        Value::Object(command) => {
            let words = command["$array"].as_array().unwrap();
            argv = words
                .iter()
                .map(|word| word.as_str().unwrap().to_owned())
                .collect();
        }
        other => return Outcome::Unusable(format!("{other} is no command")),
    }
    let env = match environment(case.get("env")) {
        Ok(env) => env,
        Err(problem) => return Outcome::Unusable(problem),
    };
    let parent_env: Vec<(OsString, OsString)> = vec![("PATH".into(), "/usr/bin:/bin".into())];
    let request = Request {
        command: if argv.is_empty() {
            CommandInput::Line(&line)
        } else {
            CommandInput::Argv(&argv)
        },
        cwd: case.get("cwd").map(|cwd| cwd.as_str().unwrap()),
        env: &env,
        parent_env: &parent_env,
    };
    match policy.judge(&request).and_then(|vetted| vetted.bind(host)) {
        Ok(permit) => {
            assert!(
                permit.directory().path().starts_with(&fixture.root),
                "{:?}",
                permit.directory()
            );
            Outcome::Allowed {
                program: permit.program().to_owned(),
                env: permit.env().to_vec(),
            }
        }
        Err(denial) => Outcome::Refused(denial.code()),
    }
}

fn complaint(case: &Map<String, Value>, outcome: &Outcome, fixture: &Fixture) -> Option<String> {
    let right = match (text(case, "expected"), outcome) {
        ("deny", Outcome::Allowed { env, .. }) if text(case, "id").starts_with("env-") => {
            // Dropping the variables silently is right.
            let given = environment(case.get("env")).unwrap();
            !given.iter().any(|pair| env.contains(pair))
        }
        ("allow", Outcome::Allowed { program, env }) => {
            let hijacked = case.contains_key("must_not_output") && program.starts_with(&fixture.base);
            let missing = text(case, "must_output") == "PATH=" && !env.iter().any(|(name, _)| name == "PATH");
            !hijacked && !missing
        }
        ("deny", Outcome::Refused(_) | Outcome::Unusable(_)) | ("error", Outcome::Unusable(_)) => true,
        ("error", Outcome::Refused(code)) => ERRORS.contains(code),
        _ => false,
    };
    let id = text(case, "id");
    (!right).then(|| {
        format!(
            "{id}: {} but {outcome:?}: {}",
            text(case, "expected"),
            text(case, "why")
        )
    })
}

/// The rows that need no knowledge of programs.
fn cases() -> Vec<Map<String, Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/command-cases.json");
    // serde_json refuses lone surrogates; they are kept as the private text that `decoded` knows.
    let text = fs::read_to_string(path).unwrap().replace("\\ud800", "<d800>");
    let cases: Vec<Map<String, Value>> = serde_json::from_str(&text).unwrap();
    cases.into_iter().filter(|case| case["tier"] != "rules").collect()
}

fn text<'a>(case: &'a Map<String, Value>, key: &str) -> &'a str {
    case.get(key).and_then(Value::as_str).unwrap_or("")
}

fn decoded(text: &str) -> Result<String, Malformed> {
    let mut units = Vec::new();
    for (i, piece) in text.split("<d800>").enumerate() {
        if i > 0 {
            units.push(0xd800);
        }
        units.extend(piece.encode_utf16());
    }
    assert!(
        CommandLine::from_utf16(&units).is_ok()
            || !text.contains("<d800>")
            || text_from_utf16(&units).is_err()
    );
    text_from_utf16(&units)
}

fn environment(env: Option<&Value>) -> Result<Vec<(OsString, OsString)>, String> {
    let Some(env) = env else { return Ok(Vec::new()) };
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

/// What a POSIX case finds on disk.
struct Fixture {
    base: String,
    root: String,
    places: [(&'static str, String); 3],
    _directory: Option<tempfile::TempDir>,
}

impl Fixture {
    fn new() -> Fixture {
        let directory = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(directory.path()).unwrap();
        let (ws, out, evil) = (base.join("ws"), base.join("out"), base.join("evil"));
        for path in [
            "ws/sub",
            "ws/victim",
            "ws/victim2",
            "ws/evilcwd",
            "ws/pre",
            "ws-evil",
            "out",
            "evil",
        ] {
            fs::create_dir_all(base.join(path)).unwrap();
        }
        for path in [
            "ws/afile",
            "ws/app.js",
            "ws/pre/hello.py",
            "ws/prog.awk",
            "ws/script.py",
            "ws/evil.mk",
            "ws-evil/f",
        ] {
            fs::write(base.join(path), "x\n").unwrap();
        }
        fs::write(out.join("secret.txt"), "secret\n").unwrap();
        fs::write(ws.join("secret-in-ws.txt"), "x\n").unwrap();
        for path in [
            "ws/evilcwd/git",
            "evil/git",
            "ws/tool",
            "out/tool",
            "ws/noshebang",
        ] {
            executable(&base.join(path), "#!/bin/sh\necho PWNED\n");
        }
        let rm = Path::new("/bin/rm");
        fs::copy(rm, ws.join("hard-rm")).unwrap();
        for (link, target) in [("link-out", out.as_path()), ("race", &out), ("link-rm", rm)] {
            symlink(target, &ws.join(link));
        }
        let text = |path: PathBuf| path.into_os_string().into_string().unwrap();
        Fixture {
            base: text(base),
            root: "/".to_owned(),
            places: [
                ("${WS}", text(ws)),
                ("${OUT}", text(out)),
                ("${EVIL}", text(evil)),
            ],
            _directory: Some(directory),
        }
    }

    fn emulated(platform: Platform) -> Fixture {
        let (base, places) = if platform.is_windows() {
            ("C:\\", ["C:\\ws", "C:\\out", "C:\\evil"])
        } else {
            ("/", ["/ws", "/out", "/evil"])
        };
        let places = places.map(str::to_owned);
        let [ws, out, evil] = places;
        Fixture {
            base: base.to_owned(),
            root: base.to_owned(),
            places: [("${WS}", ws), ("${OUT}", out), ("${EVIL}", evil)],
            _directory: None,
        }
    }

    /// The case with its placeholders replaced.
    fn filled(&self, case: &Map<String, Value>) -> Map<String, Value> {
        let json = |path: &str| serde_json::to_string(path).unwrap().trim_matches('"').to_owned();
        let mut text = serde_json::to_string(case).unwrap();
        for (name, path) in &self.places {
            text = text.replace(name, &json(path));
        }
        serde_json::from_str(&text).unwrap()
    }
}

fn emulated(platform: Platform, case: &Map<String, Value>) -> FakeHost {
    let host = if platform.is_windows() {
        FakeHost::new(platform, "C:\\ws")
            .search_path(["C:\\bin"])
            .directory("C:\\ws\\sub")
            .directory("C:\\x")
            .directory("C:\\out")
            .directory("C:\\Program Files\\x")
            .symlink("C:\\PROGRA~1", "C:\\Program Files")
            .symlink("C:\\ws\\junction", "C:\\out")
            .executable("C:\\bin\\npm.cmd")
            .executable("C:\\bin\\run.bat")
            .executable("C:\\bin\\run.cmd")
            .executable("C:\\ws\\run.bat")
    } else {
        FakeHost::new(platform, "/ws")
            .search_path(["/usr/bin"])
            .directory("/ws/sub")
    };
    // `run` and `npm` are batch files, which the case about them says; any other bare name is a program.
    let batch = ["windows-271", "windows-278"].contains(&text(case, "id"));
    if batch { host } else { host.with_every_program() }
}

fn executable(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn symlink(target: &Path, link: &Path) {
    std::os::unix::fs::symlink(target, link).unwrap();
}

/// A value with the corpus' encodings of what JSON cannot hold.
struct Encoded<'a>(&'a Value);

impl<'de> Deserializer<'de> for Encoded<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.0 {
            Value::Object(map) if map.contains_key("$number") => match text(map, "$number") {
                "NaN" => F64Deserializer::new(f64::NAN).deserialize_any(visitor),
                "Infinity" => F64Deserializer::new(f64::INFINITY).deserialize_any(visitor),
                "null" => visitor.visit_unit(),
                other => panic!("{other} stands where no key can be left out"),
            },
            Value::Object(map) if map.contains_key("$json") => {
                let value: Value = serde_json::from_str(text(map, "$json")).map_err(de::Error::custom)?;
                Encoded(&value).deserialize_any(visitor)
            }
            Value::Object(map) => visitor.visit_map(Entries {
                rest: map.iter().collect(),
                value: None,
            }),
            Value::Array(items) => visitor.visit_seq(Items(items.iter())),
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::String(text) => visitor.visit_str(text),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), ..) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (.., value) => visitor.visit_f64(value.unwrap()),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_enum(self.0.as_str().unwrap_or("").into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Entries, without those whose value is `undefined`.
struct Entries<'a> {
    rest: Vec<(&'a String, &'a Value)>,
    value: Option<&'a Value>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ValueError> {
        let undefined = |value: &Value| value.get("$number").is_some_and(|number| number == "undefined");
        self.rest.retain(|(_, value)| !undefined(value));
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (key, value) = self.rest.remove(0);
        self.value = Some(value);
        seed.deserialize(key.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ValueError> {
        seed.deserialize(Encoded(self.value.take().unwrap()))
    }
}

struct Items<'a>(std::slice::Iter<'a, Value>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        self.0
            .next()
            .map(|item| seed.deserialize(Encoded(item)))
            .transpose()
    }
}
