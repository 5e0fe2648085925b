//! Which crates may be used by which: ours by each other, others at all.

use serde_json::Value;

/// Our crates and those of ours that each may use. What is not listed may use none, and be used by none.
const ARROWS: [(&str, &[&str]); 9] = [
    ("vetty-policy", &[]),
    ("vetty-sandbox", &[]),
    ("vetty-screen", &[]),
    ("vetty-process", &["vetty-sandbox"]),
    ("vetty-ssh", &["vetty-process"]),
    ("vetty", &["vetty-policy", "vetty-sandbox", "vetty-process", "vetty-screen", "vetty-ssh"]),
    ("vetty-node", &["vetty"]),
    ("vetty-tests", EVERYTHING),
    ("vetty-benches", EVERYTHING),
];

const EVERYTHING: &[&str] =
    &["vetty", "vetty-policy", "vetty-sandbox", "vetty-process", "vetty-screen", "vetty-ssh"];

/// A dependency of one of our packages, as `cargo metadata` tells it.
struct Dependency<'a> {
    user: &'a str,
    name: &'a str,
    is_ours: bool,
    /// Examples and tests of a crate may show it together with others.
    is_dev: bool,
}

fn dependencies(metadata: &Value) -> Vec<Dependency<'_>> {
    let packages = metadata["packages"].as_array().expect("metadata lists packages");
    let mut found = Vec::new();
    for package in packages {
        for dependency in package["dependencies"].as_array().expect("a package lists dependencies") {
            found.push(Dependency {
                user: package["name"].as_str().expect("a package has a name"),
                name: dependency["name"].as_str().expect("a dependency has a name"),
                is_ours: dependency["path"].is_string(),
                is_dev: dependency["kind"] == "dev",
            });
        }
    }
    found
}

/// Uses of our crates among each other that the plan does not have.
pub fn forbidden_arrows(metadata: &Value) -> Vec<String> {
    let allowed =
        |user: &str| ARROWS.iter().find(|(name, _)| *name == user).map_or(&[][..], |(_, used)| *used);
    dependencies(metadata)
        .iter()
        .filter(|dependency| dependency.is_ours && !dependency.is_dev)
        .filter(|dependency| !allowed(dependency.user).contains(&dependency.name))
        .map(|Dependency { user, name, .. }| format!("{user} may not use {name}"))
        .collect()
}

/// Crates of others that have no row in the table of `page`.
pub fn without_a_line(metadata: &Value, page: &str) -> Vec<String> {
    let mut missing: Vec<_> = dependencies(metadata)
        .iter()
        .filter(|dependency| !dependency.is_ours)
        .filter(|dependency| !page.lines().any(|line| line.starts_with(&format!("| `{}` ", dependency.name))))
        .map(|Dependency { user, name, .. }| {
            format!("{name} (of {user}) has no row in docs/src/dependencies.md")
        })
        .collect();
    missing.sort();
    missing
}

#[cfg(test)]
mod tests {
    use super::{forbidden_arrows, without_a_line};
    use serde_json::{Value, json};

    fn metadata(user: &str, dependency: Value) -> Value {
        json!({ "packages": [{ "name": user, "dependencies": [dependency] }] })
    }

    fn ours(name: &str, kind: Option<&str>) -> Value {
        json!({ "name": name, "path": "/somewhere", "kind": kind })
    }

    #[test]
    fn an_arrow_of_the_plan_passes() {
        assert!(forbidden_arrows(&metadata("vetty", ours("vetty-policy", None))).is_empty());
        assert!(forbidden_arrows(&metadata("vetty-node", ours("vetty", None))).is_empty());
    }

    #[test]
    fn an_arrow_that_runs_the_other_way_is_found() {
        let wrong = forbidden_arrows(&metadata("vetty-policy", ours("vetty-process", None)));
        assert_eq!(wrong, ["vetty-policy may not use vetty-process"]);
        assert_eq!(forbidden_arrows(&metadata("vetty-node", ours("vetty-policy", None))).len(), 1);
        assert_eq!(forbidden_arrows(&metadata("vetty-screen", ours("vetty", Some("build")))).len(), 1);
    }

    #[test]
    fn a_crate_that_the_plan_lacks_uses_none() {
        assert_eq!(forbidden_arrows(&metadata("vetty-other", ours("vetty-policy", None))).len(), 1);
    }

    #[test]
    fn tests_of_a_crate_may_use_others() {
        assert!(forbidden_arrows(&metadata("vetty-process", ours("vetty-policy", Some("dev")))).is_empty());
    }

    #[test]
    fn a_dependency_without_a_row_is_found() {
        let metadata = metadata("vetty", json!({ "name": "bytes", "kind": null }));
        assert!(without_a_line(&metadata, "| `bytes` | chunks | ... |").is_empty());
        assert_eq!(without_a_line(&metadata, "text about `bytes`\n| `bytes-more` |").len(), 1);
    }
}
