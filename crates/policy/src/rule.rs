//! Lists of patterns with the place where each stands.

use crate::config::ConfigError;
use crate::pattern::{Argv, Effect, Pattern};
use crate::platform::Platform;
use crate::verdict::RuleRef;

/// One list of a configuration, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    key: &'static str,
    rules: Box<[Rule]>,
}

/// One pattern of a list.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) text: Box<str>,
    pub(crate) pattern: Pattern,
}

impl Rules {
    /// Compiles `texts`, which stand at `key`.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the entry.
    pub(crate) fn new(
        key: &'static str,
        texts: &[String],
        effect: Effect,
        platform: Platform,
    ) -> Result<Rules, ConfigError> {
        let compile = |(i, text): (usize, &String)| {
            let pattern = Pattern::new(text, effect, platform)
                .map_err(|problem| ConfigError::pattern(format!("{key}[{i}]"), problem))?;
            Ok(Rule {
                text: text.as_str().into(),
                pattern,
            })
        };
        let rules = texts
            .iter()
            .enumerate()
            .map(compile)
            .collect::<Result<_, ConfigError>>()?;
        Ok(Rules { key, rules })
    }

    /// The first rule that matches.
    pub(crate) fn find<S: AsRef<str>>(&self, argv: &Argv<'_, S>) -> Option<usize> {
        self.rules.iter().position(|rule| rule.pattern.matches(argv))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Rule)> {
        self.rules.iter().enumerate()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a rule's first word writes out exactly this program.
    pub(crate) fn spell(&self, program: &str) -> bool {
        self.rules.iter().any(|rule| rule.pattern.spells(program))
    }

    pub(crate) fn reference(&self, index: usize) -> RuleRef {
        RuleRef {
            text: self.rules[index].text.to_string(),
            key: self.place(index),
        }
    }

    /// Where a rule stands.
    pub(crate) fn place(&self, index: usize) -> String {
        format!("{}[{index}]", self.key)
    }
}
