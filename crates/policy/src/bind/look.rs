//! One call's view of the host: the files that a program and its arguments mean.

use crate::arguments::characters::Place;
use crate::arguments::parts::{self, Meaning};
use crate::host::{FileKind, Host};
use crate::judge::{asked, denied};
use crate::path;
use crate::pattern::{Argv, Program, denied_name};
use crate::policy::Inner;
use crate::profile::{self, Named, NamedPlace, Pin, PinnedFile};
use crate::program::{self, Found};
use crate::rule::Rules;
use crate::verdict::{Code, Refusal, RuleRef, shown};
use crate::workspace::Granted;

/// One call's view of the host.
pub(super) struct Look<'a> {
    pub(super) policy: &'a Inner,
    pub(super) host: &'a dyn Host,
    pub(super) granted: &'a Granted,
    pub(super) directory: &'a str,
}

impl Look<'_> {
    pub(super) fn program(&self, name: &str) -> Option<Found> {
        if path::is_spelled(self.policy.platform, name) {
            if self.policy.platform.is_windows()
                && parts::meaning(self.policy.platform, name) == Meaning::Unknown
            {
                return None;
            }
            program::at_path(self.host, self.directory, name)
        } else {
            self.policy.search_path.find(self.host, self.granted, name)
        }
    }

    fn bare(&self, name: &str) -> Option<Found> {
        self.policy.search_path.find(self.host, self.granted, name)
    }

    pub(super) fn not_found(&self, name: &str) -> Refusal {
        let hint = if self.policy.search_path.has_batch_file(self.host, name) {
            "a batch file has this name: write its extension, in the command and in commands.allow"
        } else if path::is_spelled(self.policy.platform, name) {
            "the file does not exist or cannot be executed: correct the path, or make the file executable"
        } else if program::is_builtin(name) {
            "a shell does this itself, no program has this name; a call's cwd chooses the directory"
        } else {
            "no element of commands.searchPath has this program: install it, or let the policy's owner add its \
             directory"
        };
        let message = format!("Process execution failed: program not found: {}", shown(name));
        Refusal::new(Code::ProgramNotFound, message, hint)
    }

    /// Whether a rule forbids the file that would run, whatever it is called.
    pub(super) fn check_identity<S: AsRef<str>>(
        &self,
        words: &[S],
        found: Option<&Found>,
    ) -> Result<(), Refusal> {
        let Some(found) = found else { return Ok(()) };
        type Refuse = fn(&str, RuleRef) -> Refusal;
        let lists: [(&Rules, Refuse); 2] = [(&self.policy.deny, denied), (&self.policy.ask, asked)];
        for (rules, refuse) in lists.into_iter().filter(|(rules, _)| !rules.is_empty()) {
            for (index, rule) in rules.iter() {
                if rule.matches_arguments(words) && self.is_program(rule.pattern.program(), words, found) {
                    return Err(refuse(words[0].as_ref(), rules.reference(index)));
                }
            }
        }
        Ok(())
    }

    fn is_program<S: AsRef<str>>(&self, program: &Program, words: &[S], found: &Found) -> bool {
        let platform = self.policy.platform;
        let argv = Argv::new(words, platform);
        let is_named = |name: &str, file_name: &str| {
            let file_name = denied_name(platform, file_name);
            *file_name == *name || (platform.ignores_case() && path::same_folded(&file_name, name))
        };
        let resolved = || self.host.resolve(&found.path).ok().map(|resolved| resolved.path);
        match program {
            Program::Bare(name) if argv.spelled => {
                // On a file system that ignores case /bin/RM is rm.
                is_named(name, &found.path)
                    || (!self.decides_by_name(found)
                        && (resolved().is_some_and(|target| is_named(name, &target))
                            || self.bare(name).is_some_and(|own| own.file.identity == found.file.identity)))
            }
            Program::Bare(name) => platform.ignores_case() && is_named(name, argv.program),
            Program::BareGlob(glob) if argv.spelled => {
                !self.decides_by_name(found)
                    && resolved().is_some_and(|target| glob.matches(&denied_name(platform, &target)))
            }
            Program::Path(denied_path) => self.is_denied_path(denied_path, found),
            Program::PathGlob(glob) => {
                glob.matches(&found.path) || resolved().is_some_and(|target| glob.matches(&target))
            }
            _ => false,
        }
    }

    /// A file of another name is no way around the table of its program.
    pub(super) fn check_other_name(&self, name: &str, found: Option<&Found>) -> Result<(), Refusal> {
        let platform = self.policy.platform;
        let Some(found) = found.filter(|_| self.policy.config.profile.is_some()) else { return Ok(()) };
        if !path::is_spelled(platform, name) || self.decides_by_name(found) {
            return Ok(());
        }
        let Ok(target) = self.host.resolve(&found.path) else { return Ok(()) };
        let table = |name: &str| profile::tables().find(&denied_name(platform, name));
        let (typed, own) = (table(name), table(&target.path));
        if own.is_none_or(|own| typed.is_some_and(|typed| std::ptr::eq(typed, own))) {
            return Ok(());
        }
        let own_name = shown(path::file_name(platform, &target.path));
        Err(Refusal::new(
            Code::WrapperDenied,
            format!("Command not allowed: {} (it is {own_name} under another name)", shown(name)),
            format!("call {own_name} by its own name"),
        ))
    }

    /// Whether the search path finds this very file under its own file name: a program of many names, such as
    /// busybox, is what it is called.
    fn decides_by_name(&self, found: &Found) -> bool {
        let name = path::file_name(self.policy.platform, &found.path);
        self.bare(name).is_some_and(|own| own.file.identity == found.file.identity)
    }

    fn is_denied_path(&self, denied_path: &str, found: &Found) -> bool {
        let platform = self.policy.platform;
        let Some(own) = program::at_path(self.host, self.directory, denied_path) else {
            return false;
        };
        if own.file.identity != found.file.identity {
            return false;
        }
        let real = |path: &str| self.host.resolve(path).ok().map(|resolved| resolved.path);
        let (own_real, found_real) = (real(&own.path), real(&found.path));
        let own_name = path::file_name(platform, &own.path);
        // The pattern names the file itself, not one of the links to it.
        let itself = own_real.as_deref().map(|real| path::file_name(platform, real)) == Some(own_name);
        (itself && own_real == found_real)
            || path::same_name(platform, own_name, path::file_name(platform, &found.path))
            || !self.decides_by_name(found)
    }

    /// A typed program lies where the policy grants something, or where programs are looked up.
    pub(super) fn check_program_place(&self, name: &str, found: Option<&Found>) -> Result<(), Refusal> {
        let platform = self.policy.platform;
        if self.granted.is_anywhere() || !path::is_spelled(platform, name) || self.policy.allow.spell(name) {
            return Ok(());
        }
        let outside = || {
            Refusal::argument(
                Code::PathOutsideWorkspace,
                format_args!("Path outside workspace in {}: {}", Place::Program, shown(name)),
                "write the path in commands.allow, or its directory in commands.searchPath",
            )
        };
        if parts::meaning(platform, name) == Meaning::Unknown {
            return Err(outside());
        }
        let typed =
            found.map_or_else(|| path::join(platform, self.directory, name), |found| found.path.clone());
        let Ok(resolved) = self.host.resolve(&typed) else {
            return Err(outside());
        };
        let trusted =
            |file: &str| self.policy.search_path.has(self.host, self.granted, path::parent(platform, file));
        if self.granted.hold_directory(self.host, &resolved.path)
            || trusted(&typed)
            || trusted(&resolved.path)
        {
            return Ok(());
        }
        Err(outside())
    }

    /// Every part of a word that may be a path lies where the policy grants something.
    pub(super) fn check_argument(&self, place: Place, word: &str) -> Result<(), Refusal> {
        if self.granted.is_anywhere() {
            return Ok(());
        }
        let platform = self.policy.platform;
        let mut inside = true;
        let mut device = false;
        let judged = parts::each(platform, word, |part| {
            if inside && !self.is_plain_url(part) && !self.holds(part.text) {
                inside = false;
                device = self.is_device(part.text);
            }
        });
        if inside && judged {
            return Ok(());
        }
        Err(self.refusal(place, word, device))
    }

    fn outside(&self, place: Place, path: &str) -> Refusal {
        self.refusal(place, path, self.is_device(path))
    }

    fn refusal(&self, place: Place, word: &str, device: bool) -> Refusal {
        let problem = format_args!("Path outside workspace in {place}");
        let hint = if device {
            format!("{} is taken for a device, and no device but the null device may be named", shown(word))
        } else {
            format!(
                "{} is taken for a path outside of {}: stay inside, or let the policy's owner add the place to paths",
                shown(word),
                self.policy.places.names().collect::<Vec<_>>().join(", ")
            )
        };
        Refusal::argument(Code::PathOutsideWorkspace, problem, hint)
    }

    /// A place that the command's table tells of lies where the policy grants it.
    pub(super) fn check_named(&self, named: &NamedPlace) -> Result<(), Refusal> {
        let place = Place::of(named.word);
        let directory = self.entered(&named.from);
        let look = Look { directory: &directory, ..*self };
        match named.how {
            Named::Guess => look.check_argument(place, &named.text),
            Named::Read | Named::Write if self.granted.is_anywhere() => Ok(()),
            Named::Read if look.holds(&named.text) => Ok(()),
            Named::Write if look.holds_for_writing(&named.text) => Ok(()),
            Named::Read | Named::Write => Err(look.outside(place, &named.text)),
        }
    }

    /// The directory that a program works in once it has entered these, one after the other.
    fn entered(&self, directories: &[String]) -> String {
        let mut directory = self.directory.to_owned();
        for next in directories {
            directory = match self.host.resolve_from(&directory, next) {
                Ok(resolved) => resolved.path,
                // It cannot be entered; its place is refused where it is named.
                Err(_) => path::join(self.policy.platform, &directory, next),
            };
        }
        directory
    }

    fn holds_for_writing(&self, part: &str) -> bool {
        if parts::is_null_device(self.policy.platform, part) {
            return true;
        }
        self.holds(part)
            && self.host.resolve_from(self.directory, part).is_ok_and(|resolved| {
                self.granted.writable().any(|place| place.holds(self.host, &resolved.path))
            })
    }

    /// The content of a file is the one that a rule pins.
    pub(super) fn check_pin(&self, argv: &[String], pin: &Pin) -> Result<(), Refusal> {
        let file = match pin.file {
            PinnedFile::Script(word) => path::join(self.policy.platform, self.directory, &argv[word]),
            PinnedFile::Program(word) => match self.program(&argv[word]) {
                Some(found) => found.path,
                None => return Err(self.not_found(&argv[word])),
            },
        };
        if self.host.sha256(&file).is_ok_and(|own| own == pin.hash) {
            return Ok(());
        }
        Err(Refusal::new(
            Code::CommandNotAllowed,
            format!("Command not allowed: {} (its SHA-256 is not the one that the rule pins)", shown(&file)),
            "restore the file, or let the policy's owner pin its new content",
        ))
    }

    /// A URL is no path, unless somebody made a directory of its scheme's name.
    fn is_plain_url(&self, part: parts::Part<'_>) -> bool {
        let Some((start, _)) = part.text.split_once('/').filter(|_| part.url) else {
            return part.url;
        };
        let first = path::join(self.policy.platform, self.directory, start);
        self.policy.platform.is_windows() || self.host.resolve(&first).is_ok_and(|entry| entry.kind.is_none())
    }

    fn holds(&self, part: &str) -> bool {
        let platform = self.policy.platform;
        if parts::is_null_device(platform, part) {
            return true;
        }
        if platform.is_windows() && self.is_slash_option(part) {
            return true;
        }
        match parts::meaning(platform, part) {
            Meaning::Nothing => return true,
            Meaning::Unknown => return self.is_granted_share(part),
            Meaning::Path => {}
        }
        if platform.is_windows() && self.is_stream(part) {
            return false;
        }
        match self.host.resolve_from(self.directory, part) {
            Ok(resolved) => {
                resolved.kind != Some(FileKind::Device) && self.granted.hold(self.host, &resolved.path)
            }
            Err(_) => false,
        }
    }

    fn is_device(&self, part: &str) -> bool {
        let resolved = self.host.resolve_from(self.directory, part);
        resolved.is_ok_and(|resolved| resolved.kind == Some(FileKind::Device))
    }

    /// `/i` and `/out:x` are options to Windows' own programs, unless a file of that name stands at the drive's root.
    /// What follows the colon is judged as a part of its own.
    fn is_slash_option(&self, part: &str) -> bool {
        let Some(option) = part.strip_prefix('/') else {
            return false;
        };
        let name = option.split(':').next().unwrap_or(option);
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'?' | b'-')) {
            return false;
        }
        let path = path::join(self.policy.platform, self.directory, &part[..=name.len()]);
        self.host.resolve(&path).is_ok_and(|resolved| resolved.kind.is_none())
    }

    /// `file:stream`, where `file` exists.
    fn is_stream(&self, part: &str) -> bool {
        let rest = path::split_root(self.policy.platform, part).1;
        let Some((file, _)) = rest.split_once(':').filter(|(file, _)| !file.is_empty()) else {
            return false;
        };
        let path = path::join(self.policy.platform, self.directory, file);
        self.host.resolve(&path).is_ok_and(|resolved| resolved.kind.is_some())
    }

    /// A path on a share that a granted place lies on.
    fn is_granted_share(&self, part: &str) -> bool {
        let platform = self.policy.platform;
        let places = &self.policy.places;
        path::anchor(platform, part) == path::Anchor::Unc
            && !part.contains([':', '?'])
            && places.names().any(|place| path::is_within(platform, part, place))
            && self.host.resolve(part).is_ok_and(|resolved| self.granted.hold(self.host, &resolved.path))
    }
}
