//! Looks through what sqlite3's shell is told: no file but the database, no program, no extension.

const DOT: &str = "only the dot commands that show something may be used";
const FILES: &str = "its functions and statements reach other files or load code";

/// Dot commands that show what is there, or how it is shown.
const HARMLESS: [&str; 19] = [
    "databases",
    "dbinfo",
    "dump",
    "echo",
    "fullschema",
    "header",
    "headers",
    "help",
    "indexes",
    "indices",
    "mode",
    "nullvalue",
    "quit",
    "schema",
    "separator",
    "show",
    "stats",
    "tables",
    "width",
];

/// Words that reach beyond the database.
const REACHING: [&str; 11] = [
    "attach",
    "detach",
    "edit",
    "fsdir",
    "load_extension",
    "lsdir",
    "readfile",
    "vacuum",
    "writefile",
    "zipfile",
    "fts3_tokenizer",
];

/// What the text does that it must not.
pub(super) fn problem(text: &str) -> Option<&'static str> {
    for line in text.lines().map(str::trim_start) {
        if let Some(command) = line.strip_prefix('.') {
            let name = command.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
            let takes_file = line.contains(['|', '\'', '"', '/']) && name != "schema";
            if !HARMLESS.contains(&name) || takes_file {
                return Some(DOT);
            }
        }
    }
    let lower = text.to_ascii_lowercase();
    let reaches = |word: &str| REACHING.contains(&word);
    lower.split(|c: char| !c.is_alphanumeric() && c != '_').any(reaches).then_some(FILES)
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn questions_to_the_database_are_fine() {
        for text in
            ["select * from t", ".tables", ".schema users", "insert into t values ('a.b')", ".mode csv"]
        {
            assert_eq!(problem(text), None, "{text}");
        }
    }

    #[test]
    fn other_files_and_programs_are_refused() {
        for text in [
            ".shell id",
            ".system id",
            ".once x",
            " .output x",
            "select readfile('/etc/passwd')",
            "ATTACH 'x' AS y",
            "select 1;\n.read x",
            "select load_extension('x')",
            ".load x",
        ] {
            assert!(problem(text).is_some(), "{text}");
        }
    }
}
