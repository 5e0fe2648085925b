//! Every command line of the corpus comes out as expected: rows for this machine are run, others judged.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

mod encoding;
mod executed;
mod fixture;
mod judged;
mod row;

use std::collections::BTreeSet;

use vetty_policy::Code;

use row::{Row, System, Tier};

/// What became of a row.
#[derive(Debug)]
#[expect(dead_code, reason = "a complaint shows it whole")]
enum Outcome<T> {
    Allowed(T),
    Refused(Code),
    /// The configuration, or something that is no text.
    Unusable(String),
    /// What was done is not what was said.
    Contradicted(String),
}

/// Whether the code says that the call itself is wrong.
fn is_an_error_of_the_call(code: Code) -> bool {
    matches!(
        code,
        Code::MalformedCommand
            | Code::EmptyCommand
            | Code::NulByte
            | Code::CwdNotFound
            | Code::InvalidEnvironment
            | Code::ArgumentTooLong
            | Code::ProgramNotFound
    )
}

fn rows_for(system: System) -> Vec<Row> {
    let mut rows = row::all();
    rows.retain(|row| row.systems().any(|own| own == system));
    rows
}

#[track_caller]
fn assert_none(complaints: &[String], rows: usize) {
    assert!(complaints.is_empty(), "{} of {rows} rows:\n{}", complaints.len(), complaints.join("\n"));
}

#[tokio::test]
async fn rows_for_this_machine_run_as_expected() {
    let rows = rows_for(System::Posix);
    let mut complaints = Vec::new();
    for row in &rows {
        complaints.extend(executed::complaint(row).await);
    }
    assert_none(&complaints, rows.len());
}

#[test]
fn rows_for_other_systems_are_judged_as_expected() {
    for system in [System::MacOs, System::Windows] {
        let rows = rows_for(system);
        let complaints: Vec<_> = rows.iter().filter_map(|row| judged::complaint(row, system)).collect();
        assert_none(&complaints, rows.len());
    }
}

#[test]
fn no_row_is_left_out_without_a_reason() {
    let ids = |rows: Vec<Row>| rows.into_iter().map(|row| row.id).collect::<BTreeSet<_>>();
    let all = row::all();
    let count = all.len();
    assert!(all.iter().any(|row| row.tier == Tier::Rules));
    let run = [System::Posix, System::MacOs, System::Windows].map(|system| ids(rows_for(system)));
    assert_eq!(ids(all), run.into_iter().flatten().collect());
    assert_eq!(ids(row::all()).len(), count, "an id stands twice");
}
