//! The guide's table of what the profile refuses is made from the tables. To renew it after a change of theirs:
//! `UPDATE_GUIDE=1 cargo test -p vetty-policy guide`.

use super::FAMILIES;
use crate::options::{Node, Tables};
use std::fmt::Write;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/agent-profile.md");
const START: &str = "<!-- what follows is made from crates/policy/src/profile -->\n";

fn table() -> String {
    let tables = Tables::read(FAMILIES).unwrap();
    let mut text = START.to_owned();
    for (family, _) in FAMILIES {
        writeln!(text, "\n### {family}\n\n| programs | refused | because |\n| --- | --- | --- |").unwrap();
        for tool in tables.tools.iter().filter(|tool| tool.family == *family) {
            let names = code(&tool.names);
            let mut rows = Vec::new();
            collect(&tool.root, "", &mut rows);
            if rows.is_empty() {
                writeln!(text, "| {names} | what its table does not have | |").unwrap();
            }
            for (index, (what, why)) in rows.iter().enumerate() {
                let names = if index == 0 { &*names } else { "" };
                writeln!(text, "| {names} | {what} | {why} |").unwrap();
            }
        }
    }
    text
}

/// What a program or a subcommand refuses, one row a reason.
fn collect(node: &Node, name: &str, rows: &mut Vec<(String, String)>) {
    if let Some(reason) = node.refused {
        let what = match name.rsplit_once(' ') {
            _ if name.is_empty() => "the program".to_owned(),
            Some((parent, _)) => format!("{} of `{parent}`", code(&node.names)),
            None => code(&node.names),
        };
        rows.push((what, reason.to_owned()));
        return;
    }
    for spec in &node.options {
        let Some(reason) = spec.refused else { continue };
        let what = match name {
            "" => code(&spec.names),
            _ => format!("{} of `{name}`", code(&spec.names)),
        };
        match rows.iter_mut().find(|(_, why)| why == reason) {
            Some((all, _)) if all.contains(&what) => {}
            Some((all, _)) => all.push_str(&format!("; {what}")),
            None => rows.push((what, reason.to_owned())),
        }
    }
    for own in &node.nodes {
        let name = if name.is_empty() { own.names[0].to_owned() } else { format!("{name} {}", own.names[0]) };
        collect(own, &name, rows);
    }
}

fn code(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.replace('|', "\\|"))).collect();
    quoted.join(", ")
}

#[test]
fn the_guides_table_is_what_the_profile_refuses() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (text, told) = page.split_at(page.find(START).unwrap());
    let made = table();
    if std::env::var_os("UPDATE_GUIDE").is_some() {
        std::fs::write(PAGE, format!("{text}{made}")).unwrap();
    } else {
        assert!(told == made, "renew the table: UPDATE_GUIDE=1 cargo test -p vetty-policy guide");
    }
}
