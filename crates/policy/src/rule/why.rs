//! Why a rule matches a command, or why not, for the person who wrote it.

use super::{FlagRule, Rule, Understood};
use crate::explain::written_words;
use crate::options::Parsed;
use crate::pattern::Argv;
use crate::verdict::shown;

impl Rule {
    /// `matches` is what [`Rule::matches`] says.
    pub(crate) fn why<S: AsRef<str>>(
        &self,
        argv: &Argv<'_, S>,
        read: Option<&Understood<'_>>,
        matches: bool,
    ) -> String {
        if !matches {
            return self.why_not(argv, read);
        }
        match &self.flags {
            Some(flags) => flags.why(argv.words, read.map(|read| &read.parsed)),
            None if !self.pattern.matches_program(argv) => {
                "it means the same program under another name".to_owned()
            }
            None if self.pattern.matches_arguments(argv.words) => "its words match".to_owned(),
            None => "its options are there in another spelling".to_owned(),
        }
    }

    fn why_not<S: AsRef<str>>(&self, argv: &Argv<'_, S>, read: Option<&Understood<'_>>) -> String {
        let is_alias = read.zip(self.same).is_some_and(|(read, own)| std::ptr::eq(read.tool, own));
        if !self.pattern.matches_program(argv) && !is_alias {
            return match self.pattern.is_nothing() {
                true => "it is empty".to_owned(),
                false => format!("{} is another program", shown(argv.program)),
            };
        }
        match &self.flags {
            Some(flags) => flags.why_not(argv.words, read.map(|read| &read.parsed)),
            None => self.words_differ(argv.words),
        }
    }

    /// The first word that is another one.
    fn words_differ<S: AsRef<str>>(&self, argv: &[S]) -> String {
        let written = written_words(&self.text);
        if written.iter().any(|word| word == "**") {
            return "its words do not match".to_owned();
        }
        match self.pattern.first_difference(argv) {
            Some(at) => {
                let wanted = written.get(at).map_or("", String::as_str);
                match argv.get(at) {
                    Some(word) => {
                        format!("word {at} is \"{}\" and not \"{}\"", shown(word.as_ref()), shown(wanted))
                    }
                    None => format!("there is no word {at}, which had to be \"{}\"", shown(wanted)),
                }
            }
            None => {
                let extra = argv.get(self.pattern.written() + 1).map_or("", AsRef::as_ref);
                format!("it ends before \"{}\": a last word * would permit more", shown(extra))
            }
        }
    }
}

impl FlagRule {
    pub(super) fn why<S: AsRef<str>>(&self, words: &[S], parsed: Option<&Parsed<'static, '_>>) -> String {
        match self.first_hit(words, parsed) {
            Some((flag, true)) => format!("it names {} there", shown(&flag)),
            Some((flag, false)) => format!("{} is none of the options that it leaves", shown(&flag)),
            None => "it leaves these options and operands".to_owned(),
        }
    }

    pub(super) fn why_not<S: AsRef<str>>(&self, words: &[S], parsed: Option<&Parsed<'static, '_>>) -> String {
        if !self.is_about(words, parsed) {
            return "the subcommand is another one".to_owned();
        }
        match self.first_hit(words, parsed) {
            Some((flag, true)) if self.permits() => format!("it leaves out {}", shown(&flag)),
            Some((flag, false)) if self.permits() => {
                format!("{} is none of the options that it leaves", shown(&flag))
            }
            None if self.permits() => "the operands are others".to_owned(),
            None if self.speaks_of_flags() => "none of the options that it names is there".to_owned(),
            _ => "the operands are others".to_owned(),
        }
    }
}
