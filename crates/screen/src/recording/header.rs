//! The first line of a recording: how large the terminal was, when, and what ran in it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::color::{Rgb, Theme};
use crate::recording::error::Problem;
use crate::recording::{Format, What};
use crate::size::Size;

/// What a recording says about itself.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Header {
    /// How it is written down.
    pub format: Format,
    /// The size at the beginning.
    pub size: Size,
    /// When it began, in seconds since 1970.
    pub timestamp: Option<u64>,
    /// What ran.
    pub command: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// A longer time without an event is to be played as this one.
    pub idle_time_limit: Option<Duration>,
    /// Variables of the environment that were thought worth telling, as `SHELL`.
    pub env: BTreeMap<String, String>,
    /// The kind of the terminal, as in `TERM`.
    pub term: Option<String>,
    /// The terminal's colours.
    pub theme: Option<Theme>,
}

impl Header {
    /// Says nothing beside format and size.
    pub fn new(format: Format, size: Size) -> Self {
        Self {
            format,
            size,
            timestamp: None,
            command: None,
            title: None,
            idle_time_limit: None,
            env: BTreeMap::new(),
            term: None,
            theme: None,
        }
    }

    /// The line, without its end.
    pub(super) fn line(&self) -> String {
        let mut line = Map::new();
        let Size { cols, rows } = self.size;
        let theme = self.theme.as_ref().map(theme_value);
        let mut env = self.env.clone();
        match self.format {
            Format::AsciicastV2 => {
                line.extend([
                    ("version".into(), json!(2)),
                    ("width".into(), json!(cols)),
                    ("height".into(), json!(rows)),
                ]);
                if let Some(term) = &self.term {
                    env.entry("TERM".into()).or_insert_with(|| term.clone());
                }
                line.extend(theme.map(|theme| ("theme".into(), theme)));
            }
            Format::AsciicastV3 => {
                let mut terminal = Map::new();
                terminal.extend([("cols".into(), json!(cols)), ("rows".into(), json!(rows))]);
                terminal.extend(self.term.as_ref().map(|term| ("type".into(), json!(term))));
                terminal.extend(theme.map(|theme| ("theme".into(), theme)));
                line.extend([("version".into(), json!(3)), ("term".into(), Value::Object(terminal))]);
            }
        }
        line.extend(self.timestamp.map(|timestamp| ("timestamp".into(), json!(timestamp))));
        line.extend(self.idle_time_limit.map(|limit| ("idle_time_limit".into(), json!(limit.as_secs_f64()))));
        line.extend(self.command.as_ref().map(|command| ("command".into(), json!(command))));
        line.extend(self.title.as_ref().map(|title| ("title".into(), json!(title))));
        if !env.is_empty() {
            line.insert("env".into(), json!(env));
        }
        Value::Object(line).to_string()
    }

    pub(super) fn parse(line: &str) -> Result<Self, Problem> {
        let value: Value = serde_json::from_str(line)
            .map_err(|error| Problem::Malformed(format!("the header is no JSON: {error}")))?;
        let line = value.as_object().ok_or(Problem::Value { of: "header", expected: "an object" })?;
        let version = line.get("version").and_then(Value::as_u64);
        let format = match version.ok_or(Problem::Value { of: "version", expected: "2 or 3" })? {
            2 => Format::AsciicastV2,
            3 => Format::AsciicastV3,
            version => return Err(Problem::Version(version)),
        };
        let (terminal, cols, rows) = match format {
            Format::AsciicastV2 => (line, "width", "height"),
            Format::AsciicastV3 => {
                let terminal = line.get("term").and_then(Value::as_object);
                (terminal.ok_or(Problem::Value { of: "term", expected: "an object" })?, "cols", "rows")
            }
        };
        let size = Size { cols: columns(terminal, cols)?, rows: columns(terminal, rows)? };
        let mut header = Self::new(format, Size::new(size.cols, size.rows));
        let timestamp = present(line, "timestamp").map(|value| number(value, "timestamp"));
        header.timestamp = timestamp.transpose()?.map(|seconds| seconds as u64);
        header.idle_time_limit = match present(line, "idle_time_limit") {
            Some(value) => Some(seconds(number(value, "idle_time_limit")?, "idle_time_limit")?),
            None => None,
        };
        header.command = text(line, "command")?;
        header.title = text(line, "title")?;
        if let Some(env) = present(line, "env") {
            let expected = Problem::Value { of: "env", expected: "an object of strings" };
            let Some(env) = env.as_object() else { return Err(expected) };
            let strings =
                env.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
            header.env = strings.collect();
        }
        header.term = match format {
            Format::AsciicastV2 => header.env.get("TERM").cloned(),
            Format::AsciicastV3 => text(terminal, "type")?,
        };
        header.theme = present(terminal, "theme").map(theme).transpose()?;
        Ok(header)
    }
}

/// A value that is there and not null.
fn present<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    map.get(key).filter(|value| !value.is_null())
}

fn columns(map: &Map<String, Value>, key: &'static str) -> Result<u16, Problem> {
    let number = map.get(key).and_then(Value::as_u64).and_then(|number| u16::try_from(number).ok());
    number
        .filter(|number| *number > 0)
        .ok_or(Problem::Value { of: key, expected: "a number from 1 to 65535" })
}

fn text(map: &Map<String, Value>, key: &'static str) -> Result<Option<String>, Problem> {
    let wrong = Problem::Value { of: key, expected: "a string" };
    present(map, key).map(|value| value.as_str().map(str::to_owned).ok_or(wrong)).transpose()
}

fn number(value: &Value, of: &'static str) -> Result<f64, Problem> {
    let number = value.as_f64().filter(|number| number.is_finite() && *number >= 0.0);
    number.ok_or(Problem::Value { of, expected: "a number that is not negative" })
}

/// The longest time that is believed: some 30 years.
const MAX_SECONDS: f64 = 1e9;

/// A time, to the microsecond.
pub(super) fn seconds(number: f64, of: &'static str) -> Result<Duration, Problem> {
    if (0.0..=MAX_SECONDS).contains(&number) {
        return Ok(Duration::from_micros((number * 1e6).round() as u64));
    }
    Err(Problem::Value { of, expected: "a number of seconds from 0 to 1000000000" })
}

/// Columns and rows as events tell them: `80x24`.
pub(super) fn resize(text: &str) -> Result<What, Problem> {
    let side = |text: &str| text.parse::<u16>().ok().filter(|side| *side > 0);
    let size = text.split_once('x').and_then(|(cols, rows)| Some(Size::new(side(cols)?, side(rows)?)));
    size.map(What::Resize).ok_or(Problem::Value { of: "resize", expected: "columns and rows as `80x24`" })
}

fn theme_value(theme: &Theme) -> Value {
    let hex = |color: Rgb| format!("#{:02x}{:02x}{:02x}", color.0, color.1, color.2);
    let palette: Vec<_> = theme.palette.iter().copied().map(hex).collect();
    json!({ "fg": hex(theme.foreground), "bg": hex(theme.background), "palette": palette.join(":") })
}

fn theme(value: &Value) -> Result<Theme, Problem> {
    let wrong = || Problem::Value {
        of: "theme",
        expected: "an object of `fg`, `bg` and 8 or 16 colours of `palette`",
    };
    let color = |text: &str| (text.len() == 7 && text.starts_with('#')).then(|| Rgb::parse(text)).flatten();
    let named = |key: &str| value.get(key).and_then(Value::as_str).and_then(color).ok_or_else(wrong);
    let (foreground, background) = (named("fg")?, named("bg")?);
    let palette = value.get("palette").and_then(Value::as_str).ok_or_else(wrong)?;
    let colors: Option<Vec<Rgb>> = palette.split(':').take(17).map(color).collect();
    let mut colors = colors.ok_or_else(wrong)?;
    // The bright colours may be left out.
    if colors.len() == 8 {
        colors.extend_from_within(..);
    }
    let palette = colors.try_into().map_err(|_| wrong())?;
    Ok(Theme { foreground, background, cursor: foreground, palette })
}
