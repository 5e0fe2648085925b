//! Looks through code in small languages for what reaches beyond the text it works on.

mod awk;
mod sed;
mod sql;

use crate::options::Language;

/// What the code does that it must not, or why it cannot be told.
pub(crate) fn problem(language: Language, code: &str) -> Option<&'static str> {
    match language {
        Language::Sed => sed::problem(code),
        Language::Awk => awk::problem(code),
        Language::Sql => sql::problem(code),
    }
}
