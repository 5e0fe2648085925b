//! Rows for this machine: checked, and executed by the same terminal.

use std::sync::Arc;

use vetty::{Config, EndReason, Error, Output, Terminal};

use crate::fixture::Fixture;
use crate::row::{Command, Expected, Row};
use crate::{Outcome, is_an_error_of_the_call};

/// What is wrong with what became of a row, if something is.
pub async fn complaint(row: &Row) -> Option<String> {
    let fixture = Fixture::new();
    let row = fixture.filled(row);
    let outcome = execute(&row, &fixture).await.unwrap_or_else(Outcome::Unusable);
    let right = match (row.expected, &outcome) {
        (Expected::Deny, Outcome::Allowed(output)) => {
            row.is_about_a_variable() && no_variable_arrived(&row, output)
        }
        (Expected::Allow, Outcome::Allowed(output)) => is_as_expected(&row, output),
        (Expected::Deny, Outcome::Refused(_)) | (Expected::Deny | Expected::Error, Outcome::Unusable(_)) => {
            true
        }
        (Expected::Error, Outcome::Refused(code)) => is_an_error_of_the_call(*code),
        _ => false,
    };
    (!right).then(|| row.complaint(outcome))
}

async fn execute(row: &Row, fixture: &Fixture) -> Result<Outcome<Arc<Output>>, String> {
    let mut config = Config { policy: row.config()?, ..Config::default() };
    config.policy.commands.search_path.get_or_insert_with(|| fixture.search_path());
    let terminal = Terminal::from_config(config).map_err(|error| error.to_string())?;
    let mut command = match row.command()? {
        Command::Line(line) => terminal.command(line),
        Command::Argv(argv) => terminal.command(argv),
    };
    if let Some(cwd) = &row.cwd {
        command = command.cwd(cwd);
    }
    for (name, value) in row.env()? {
        command = command.env(name, value);
    }
    let verdict = command.check();
    match command.run().await {
        Ok(output) if verdict.allowed && output.argv == verdict.argv => Ok(Outcome::Allowed(output)),
        Err(Error::Refused(denial)) if *denial.verdict() == verdict && terminal.list().is_empty() => {
            Ok(Outcome::Refused(denial.code()))
        }
        other => Ok(Outcome::Contradicted(format!("{other:?} after {verdict:?}"))),
    }
}

/// Of a program that prints its environment.
fn no_variable_arrived(row: &Row, output: &Output) -> bool {
    let text = output.stdout_text();
    let names: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    let given = row.env().unwrap();
    output.argv == ["env"]
        && output.success()
        && !given.is_empty()
        && !given.iter().any(|(name, _)| names.iter().any(|seen| name == seen))
}

fn is_as_expected(row: &Row, output: &Output) -> bool {
    let stdout = output.stdout_text();
    output.reason == EndReason::Exited
        && row.expected_stdout.as_ref().is_none_or(|expected| output.success() && stdout == *expected)
        && row.must_output.as_ref().is_none_or(|wanted| stdout.contains(wanted))
        && row.must_not_output.as_ref().is_none_or(|unwanted| {
            output.success() && !stdout.contains(unwanted) && !output.stderr_text().contains(unwanted)
        })
}
