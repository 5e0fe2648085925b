//! What is looked up on the host before a judged command may run: directory, program, the paths in its arguments.

use crate::arguments::characters::Place;
use crate::arguments::parts::{self, Meaning};
use crate::environment::{Environment, Filtered};
use crate::host::{FileKind, Host};
use crate::path;
use crate::pattern::{Argv, Program, denied_name};
use crate::permit::{Directory, Permit, PermitParts};
use crate::policy::{Inner, Policy, asked, check_batch, denied};
use crate::program::{self, Found};
use crate::rule::Rules;
use crate::shell::ShellLine;
use crate::verdict::{Code, Denial, Refusal, RuleRef, Verdict, shown};
use crate::workspace::Granted;
use std::ffi::OsString;

/// A command that the policy permits by itself. To run it, [`bind`](Vetted::bind) it to a machine.
#[derive(Debug)]
pub struct Vetted<'r> {
    pub(crate) policy: Policy,
    pub(crate) argv: Vec<String>,
    pub(crate) shell: Option<ShellLine>,
    pub(crate) rule: Option<RuleRef>,
    pub(crate) cwd: Option<&'r str>,
    pub(crate) env: &'r [(OsString, OsString)],
    pub(crate) parent_env: &'r [(OsString, OsString)],
}

/// What is known of a call so far.
#[derive(Debug, Default)]
struct Known {
    cwd: Option<String>,
    program: Option<String>,
    filtered: Option<Filtered>,
}

impl Vetted<'_> {
    /// As it would run, unless a look-up refuses it.
    pub fn argv(&self) -> &[String] {
        &self.argv
    }

    /// Looks up what the command names, here and now.
    ///
    /// What arguments name is judged as it stands at this moment; a file that is swapped for a link afterwards is
    /// the sandbox's matter.
    ///
    /// # Errors
    /// The first refusal, in this order: directory, deny by identity, places that the program and the arguments
    /// name, environment, program found.
    pub fn bind(self, host: &dyn Host) -> Result<Permit, Denial> {
        let mut known = Known::default();
        match self.look_up(host, &mut known) {
            Ok((directory, found)) => Ok(self.permit(directory, found, known)),
            Err(refusal) => {
                let denial = self.policy.denial(refusal, self.argv);
                let mut verdict = denial.into_verdict();
                verdict.cwd = known.cwd;
                verdict.program = known.program;
                if let Some(filtered) = known.filtered {
                    (verdict.env, verdict.dropped) = (filtered.names, filtered.dropped);
                }
                Err(Denial::new(verdict))
            }
        }
    }

    fn look_up(&self, host: &dyn Host, known: &mut Known) -> Result<(Directory, Found), Refusal> {
        let policy = &*self.policy.inner;
        let granted = policy.places.resolve(host);
        let directory = enter(policy, host, &granted, self.cwd)?;
        known.cwd = Some(directory.path.clone());
        let look = Look {
            policy,
            host,
            granted: &granted,
            directory: &directory.path,
        };
        let found = look.program(&self.argv[0]);
        if !policy.unrestricted {
            self.check_identity(&look, found.as_ref())?;
            self.check_places(&look, found.as_ref())?;
        }
        let filtered = if policy.unrestricted {
            Environment::everything(self.parent_env, self.env)
        } else {
            policy.environment.filter(self.parent_env, self.env)?
        };
        known.filtered = Some(filtered);
        let found = found.ok_or_else(|| look.not_found(&self.argv[0]))?;
        if program::is_batch(policy.platform, &found.path) {
            check_batch(&self.argv)?;
        }
        known.program = Some(found.path.clone());
        Ok((directory, found))
    }

    fn check_identity(&self, look: &Look<'_>, found: Option<&Found>) -> Result<(), Refusal> {
        let Some(shell) = &self.shell else {
            return look.check_identity(&self.argv, found);
        };
        for simple in shell.commands() {
            let words = simple.known();
            if let Some(name) = words.first() {
                look.check_identity(words, look.program(&name.text).as_ref())?;
            }
        }
        Ok(())
    }

    fn check_places(&self, look: &Look<'_>, found: Option<&Found>) -> Result<(), Refusal> {
        match &self.shell {
            None => {
                look.check_program_place(&self.argv[0], found)?;
                let arguments = self.argv.iter().skip(1).enumerate();
                arguments
                    .into_iter()
                    .try_for_each(|(index, word)| look.check_argument(Place::Argument(index), word))
            }
            Some(shell) => {
                for simple in shell.commands() {
                    if let Some(name) = simple.known().first() {
                        look.check_program_place(&name.text, look.program(&name.text).as_ref())?;
                    }
                }
                shell
                    .places()
                    .enumerate()
                    .try_for_each(|(i, word)| look.check_argument(Place::of(i + 1), &word.text))
            }
        }
    }

    fn permit(self, directory: Directory, found: Found, known: Known) -> Permit {
        let filtered = known.filtered.unwrap_or_default();
        let message = match &self.rule {
            Some(rule) => format!("Command allowed by {}", rule.key),
            None => "Command allowed".to_owned(),
        };
        let verdict = Verdict {
            allowed: true,
            code: Code::Allowed,
            message,
            rule: self.rule,
            hint: None,
            argv: self.argv.clone(),
            program: Some(found.path.clone()),
            cwd: Some(directory.path.clone()),
            env: filtered.names,
            dropped: filtered.dropped,
            policy: self.policy.hash().to_owned(),
        };
        let parts = PermitParts {
            argv: self.argv,
            program: found.path,
            directory,
            env: filtered.variables,
            verdict,
        };
        Permit { parts }
    }
}

/// Opens the call's directory, then judges what was opened.
fn enter(
    policy: &Inner,
    host: &dyn Host,
    granted: &Granted,
    cwd: Option<&str>,
) -> Result<Directory, Refusal> {
    let failed = |code, problem: std::fmt::Arguments<'_>| {
        Refusal::new(code, format!("Workspace validation failed: {problem}"))
    };
    let platform = policy.platform;
    let typed = cwd.unwrap_or_else(|| policy.places.workspaces.first().map_or("", String::as_str));
    if typed.is_empty() {
        return Err(failed(
            Code::CwdNotFound,
            format_args!("the directory is an empty text"),
        ));
    }
    if typed.contains('\0') || typed.len() >= platform.max_path() {
        return Err(failed(
            Code::CwdNotFound,
            format_args!("no directory can have this name: {}", shown(typed)),
        ));
    }
    let not_allowed = || {
        let allowed = policy.places.workspaces.join(", ");
        failed(
            Code::WorkspaceNotAllowed,
            format_args!("Workspace not allowed: {}", shown(typed)),
        )
        .hint(format!("Allowed: {allowed}"))
    };
    if platform.is_windows() && !granted.is_anywhere() && is_foreign_share(policy, typed) {
        return Err(not_allowed());
    }
    let path = policy.places.directory(cwd);
    // Opened first: what is judged below is what the child enters.
    let opened = host.open_directory(&path);
    let resolved = host.resolve(&path).map_err(|_| not_allowed())?;
    if !granted.hold_directory(host, &resolved.path) {
        return Err(not_allowed());
    }
    let not_found = |problem: &str| failed(Code::CwdNotFound, format_args!("{problem}: {}", shown(typed)));
    match resolved.kind {
        None => return Err(not_found("Directory not found")),
        Some(FileKind::Directory) => {}
        Some(_) => return Err(not_found("Not a directory")),
    }
    let opened = opened.map_err(|error| not_found(&format!("Directory cannot be entered ({error})")))?;
    let now = host.file(&resolved.path).map_err(|_| not_allowed())?;
    if now.identity != opened.identity {
        // It was swapped between the two looks.
        return Err(not_allowed());
    }
    Ok(Directory {
        path: resolved.path,
        handle: opened.handle,
        identity: opened.identity,
    })
}

/// A share that no workspace lies on: even to look at it would tell that host who we are.
fn is_foreign_share(policy: &Inner, typed: &str) -> bool {
    let platform = policy.platform;
    path::anchor(platform, typed) == path::Anchor::Unc
        && !policy
            .places
            .workspaces
            .iter()
            .any(|place| path::is_within(platform, typed, place))
}

/// One call's view of the host.
struct Look<'a> {
    policy: &'a Inner,
    host: &'a dyn Host,
    granted: &'a Granted,
    directory: &'a str,
}

impl Look<'_> {
    fn program(&self, name: &str) -> Option<Found> {
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

    fn not_found(&self, name: &str) -> Refusal {
        let refusal = Refusal::new(
            Code::ProgramNotFound,
            format!("Process execution failed: program not found: {}", shown(name)),
        );
        if self.policy.search_path.has_batch_file(self.host, name) {
            refusal
                .hint("a batch file has this name: write its extension, in the command and in commands.allow")
        } else if path::is_spelled(self.policy.platform, name) {
            refusal.hint("the file does not exist or cannot be executed")
        } else if program::is_builtin(name) {
            refusal.hint(
                "a shell does this itself, no program has this name; a call's cwd chooses the directory",
            )
        } else {
            refusal.hint("no element of commands.searchPath has this program")
        }
    }

    /// Whether a rule forbids the file that would run, whatever it is called.
    fn check_identity<S: AsRef<str>>(&self, words: &[S], found: Option<&Found>) -> Result<(), Refusal> {
        let Some(found) = found else { return Ok(()) };
        type Refuse = fn(&str, RuleRef) -> Refusal;
        let lists: [(&Rules, Refuse); 2] = [(&self.policy.deny, denied), (&self.policy.ask, asked)];
        for (rules, refuse) in lists.into_iter().filter(|(rules, _)| !rules.is_empty()) {
            for (index, rule) in rules.iter() {
                if rule.pattern.matches_arguments(words)
                    && self.is_program(rule.pattern.program(), words, found)
                {
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
                            || self
                                .bare(name)
                                .is_some_and(|own| own.file.identity == found.file.identity)))
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

    /// Whether the search path finds this very file under its own file name: a program of many names, such as
    /// busybox, is what it is called.
    fn decides_by_name(&self, found: &Found) -> bool {
        let name = path::file_name(self.policy.platform, &found.path);
        self.bare(name)
            .is_some_and(|own| own.file.identity == found.file.identity)
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
    fn check_program_place(&self, name: &str, found: Option<&Found>) -> Result<(), Refusal> {
        let platform = self.policy.platform;
        if self.granted.is_anywhere() || !path::is_spelled(platform, name) || self.policy.allow.spell(name) {
            return Ok(());
        }
        let outside = || {
            Refusal::argument(
                Code::PathOutsideWorkspace,
                format_args!("Path outside workspace in {}: {}", Place::Program, shown(name)),
            )
            .hint("write the path in commands.allow, or its directory in commands.searchPath")
        };
        if parts::meaning(platform, name) == Meaning::Unknown {
            return Err(outside());
        }
        let typed = found.map_or_else(
            || path::join(platform, self.directory, name),
            |found| found.path.clone(),
        );
        let Ok(resolved) = self.host.resolve(&typed) else {
            return Err(outside());
        };
        let trusted = |file: &str| {
            self.policy
                .search_path
                .has(self.host, self.granted, path::parent(platform, file))
        };
        if self.granted.hold_directory(self.host, &resolved.path)
            || trusted(&typed)
            || trusted(&resolved.path)
        {
            return Ok(());
        }
        Err(outside())
    }

    /// Every part of a word that may be a path lies where the policy grants something.
    fn check_argument(&self, place: Place, word: &str) -> Result<(), Refusal> {
        if self.granted.is_anywhere() {
            return Ok(());
        }
        let platform = self.policy.platform;
        let mut inside = true;
        let judged = parts::each(platform, word, |part| {
            inside = inside && (self.is_plain_url(part) || self.holds(part.text));
        });
        if inside && judged {
            return Ok(());
        }
        Err(Refusal::argument(
            Code::PathOutsideWorkspace,
            format_args!("Path outside workspace in {place}"),
        )
        .hint(format!("{} is outside the granted places", shown(word))))
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
        match parts::meaning(platform, part) {
            Meaning::Nothing => return true,
            Meaning::Unknown => return self.is_granted_share(part),
            Meaning::Path => {}
        }
        if platform.is_windows() && self.is_slash_option(part) {
            return true;
        }
        let path = path::join(platform, self.directory, part);
        if platform.is_windows() && self.is_stream(part) {
            return false;
        }
        match self.host.resolve(&path) {
            Ok(resolved) => {
                resolved.kind != Some(FileKind::Other) && self.granted.hold(self.host, &resolved.path)
            }
            Err(_) => false,
        }
    }

    /// `/i` is an option to Windows' own programs, unless a file of that name stands at the drive's root.
    fn is_slash_option(&self, part: &str) -> bool {
        let Some(name) = part.strip_prefix('/') else {
            return false;
        };
        let option = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'?' | b':' | b'-'));
        let path = path::join(self.policy.platform, self.directory, part);
        option
            && self
                .host
                .resolve(&path)
                .is_ok_and(|resolved| resolved.kind.is_none())
    }

    /// `file:stream`, where `file` exists.
    fn is_stream(&self, part: &str) -> bool {
        let rest = path::split_root(self.policy.platform, part).1;
        let Some((file, _)) = rest.split_once(':').filter(|(file, _)| !file.is_empty()) else {
            return false;
        };
        let path = path::join(self.policy.platform, self.directory, file);
        self.host
            .resolve(&path)
            .is_ok_and(|resolved| resolved.kind.is_some())
    }

    /// A path on a share that a granted place lies on.
    fn is_granted_share(&self, part: &str) -> bool {
        let platform = self.policy.platform;
        let places = self
            .policy
            .places
            .workspaces
            .iter()
            .chain(&self.policy.places.paths);
        path::anchor(platform, part) == path::Anchor::Unc
            && !part.contains([':', '?'])
            && places
                .into_iter()
                .any(|place| path::is_within(platform, part, place))
            && self
                .host
                .resolve(part)
                .is_ok_and(|resolved| self.granted.hold(self.host, &resolved.path))
    }
}
