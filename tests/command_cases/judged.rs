//! Rows for other systems: judged by their rules, bound to a machine that is made up, never spawned.

use std::ffi::OsString;

use vetty_policy::{CommandInput, FakeHost, Host, Platform, Policy, Request};

use crate::row::{Command, Expected, Row, System};
use crate::{Outcome, is_an_error_of_the_call};

/// What is wrong with what became of a row, if something is.
pub fn complaint(row: &Row, system: System) -> Option<String> {
    let (host, places) = machine(row, system);
    let row = row.filled(&places);
    let outcome = judge(&row, &host).unwrap_or_else(Outcome::Unusable);
    let right = match (row.expected, &outcome) {
        (Expected::Deny, Outcome::Allowed(env)) if row.is_about_a_variable() => {
            let given = row.env().unwrap();
            !given.iter().any(|pair| env.contains(pair))
        }
        (Expected::Allow, Outcome::Allowed(_)) => true,
        (Expected::Deny, Outcome::Refused(_)) | (Expected::Deny | Expected::Error, Outcome::Unusable(_)) => {
            true
        }
        (Expected::Error, Outcome::Refused(code)) => is_an_error_of_the_call(*code),
        _ => false,
    };
    (!right).then(|| row.complaint(outcome))
}

fn judge(row: &Row, host: &dyn Host) -> Result<Outcome<Vec<(OsString, OsString)>>, String> {
    let policy = Policy::new(row.config()?, host).map_err(|error| error.to_string())?;
    let (command, env) = (row.command()?, row.env()?);
    let request = Request {
        command: match &command {
            Command::Line(line) => CommandInput::Line(line),
            Command::Argv(argv) => CommandInput::Argv(argv),
        },
        cwd: row.cwd.as_deref(),
        env: &env,
        parent_env: &[],
    };
    Ok(match policy.judge(&request).and_then(|vetted| vetted.bind(host)) {
        Ok(permit) => Outcome::Allowed(permit.env().to_vec()),
        Err(denial) => Outcome::Refused(denial.code()),
    })
}

/// The machine, and where the placeholders lie on it.
fn machine(row: &Row, system: System) -> (FakeHost, [(&'static str, String); 3]) {
    let places = |ws: &str, out: &str, evil: &str| {
        [("${WS}", ws), ("${OUT}", out), ("${EVIL}", evil)].map(|(name, path)| (name, path.to_owned()))
    };
    if system == System::MacOs {
        let host = FakeHost::new(Platform::MacOs, "/ws").search_path(["/usr/bin"]).directory("/ws/sub");
        return (host.with_every_program(), places("/ws", "/out", "/evil"));
    }
    let host = FakeHost::new(Platform::Windows, "C:\\ws")
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
        .executable("C:\\ws\\run.bat");
    // `run` and `npm` are batch files, which the case about them says; any other bare name is a program.
    let batch = ["windows-271", "windows-278"].contains(&row.id.as_str());
    (if batch { host } else { host.with_every_program() }, places("C:\\ws", "C:\\out", "C:\\evil"))
}
