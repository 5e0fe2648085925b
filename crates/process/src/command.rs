//! What to execute, and with what.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vetty_sandbox::{Confinement, ResourceLimit};

use crate::{Child, Containment, Size, SpawnError, TreeLimits, spawner};

/// Where one of the three standard streams of a child leads.
#[derive(Debug, Default)]
#[non_exhaustive]
pub enum Stdio {
    /// The null device.
    #[default]
    Null,
    /// A pipe; the parent's end is in the [`Child`].
    Pipe,
    /// For stderr: wherever stdout leads, through the same pipe, so in the order in which the child wrote. For the other
    /// two the null device.
    Merge,
    /// An open file.
    File(File),
}

/// A program to start: an absolute path, an argv, a whole environment. Nothing is looked up and nothing is inherited but
/// what is named here.
///
/// The child leads its own session, has every signal at its default and unblocked, soft limits of 1024 open files (or
/// the hard one where that is lower) and of no core image, and no descriptor beside the three standard ones.
#[derive(Debug)]
pub struct Command {
    pub(crate) program: PathBuf,
    pub(crate) argv: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) directory: Directory,
    pub(crate) stdin: Stdio,
    pub(crate) stdout: Stdio,
    pub(crate) stderr: Stdio,
    pub(crate) pty: Option<Size>,
    pub(crate) uid: Option<u32>,
    pub(crate) gid: Option<u32>,
    pub(crate) containment: Containment,
    pub(crate) confinement: Option<Arc<Confinement>>,
    pub(crate) limits: Vec<ResourceLimit>,
    pub(crate) tree_limits: TreeLimits,
    pub(crate) die_with_host: bool,
    pub(crate) hide_window: bool,
    pub(crate) verbatim_arguments: bool,
}

#[derive(Debug)]
pub(crate) enum Directory {
    Inherit,
    Open {
        #[allow(dead_code, reason = "a platform may know only how to enter a directory by name")]
        handle: File,
        path: PathBuf,
    },
    Path(PathBuf),
}

impl Command {
    /// A command that executes the file `program` with `program` as its argv\[0\], an empty environment, the null device
    /// as its three streams, and the host's working directory.
    pub fn new(program: impl Into<PathBuf>) -> Command {
        let program = program.into();
        Command {
            argv: vec![program.clone().into_os_string()],
            program,
            env: Vec::new(),
            directory: Directory::Inherit,
            stdin: Stdio::Null,
            stdout: Stdio::Null,
            stderr: Stdio::Null,
            pty: None,
            uid: None,
            gid: None,
            containment: Containment::Group,
            confinement: None,
            limits: Vec::new(),
            tree_limits: TreeLimits::default(),
            die_with_host: false,
            hide_window: false,
            verbatim_arguments: false,
        }
    }

    /// The whole argv, argv\[0\] included.
    pub fn argv<S: Into<OsString>>(mut self, argv: impl IntoIterator<Item = S>) -> Command {
        self.argv = argv.into_iter().map(Into::into).collect();
        self
    }

    /// One more argument.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Command {
        self.argv.push(arg.into());
        self
    }

    /// One more variable. The same name twice is passed twice.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Command {
        self.env.push((name.into(), value.into()));
        self
    }

    /// The whole environment.
    pub fn envs(mut self, env: Vec<(OsString, OsString)>) -> Command {
        self.env = env;
        self
    }

    /// An open directory that the child enters by its descriptor: what was checked is what is used. `path` serves error
    /// messages, and platforms that can only enter a directory by name.
    pub fn open_directory(mut self, handle: File, path: impl Into<PathBuf>) -> Command {
        self.directory = Directory::Open { handle, path: path.into() };
        self
    }

    /// A directory that the child enters by name.
    pub fn directory(mut self, path: impl Into<PathBuf>) -> Command {
        self.directory = Directory::Path(path.into());
        self
    }

    /// Where the child's standard input comes from. [`Stdio::Pipe`] gives [`Child::stdin`].
    pub fn stdin(mut self, stdin: Stdio) -> Command {
        self.stdin = stdin;
        self
    }

    /// Where the child's standard output goes.
    pub fn stdout(mut self, stdout: Stdio) -> Command {
        self.stdout = stdout;
        self
    }

    /// Where the child's standard error goes.
    pub fn stderr(mut self, stderr: Stdio) -> Command {
        self.stderr = stderr;
        self
    }

    /// Puts the child on a pseudo-terminal of this size, which controls its session: all three streams lead there, whatever
    /// else was said of them. Gives [`Child::pty`].
    pub fn pty(mut self, size: Size) -> Command {
        self.pty = Some(size);
        self
    }

    /// Runs as this user: supplementary groups are cleared and `no_new_privs` is set. The host needs the privilege. Unix.
    pub fn uid(mut self, uid: Option<u32>) -> Command {
        self.uid = uid;
        self
    }

    /// Runs as this group, see [`Command::uid`].
    pub fn gid(mut self, gid: Option<u32>) -> Command {
        self.gid = gid;
        self
    }

    /// How the tree of processes is held together for its end.
    pub fn containment(mut self, containment: Containment) -> Command {
        self.containment = containment;
        self
    }

    /// Confines the child and all that it starts. Sets `no_new_privs`, drops every capability. Linux.
    pub fn confinement(mut self, confinement: Option<Arc<Confinement>>) -> Command {
        self.confinement = confinement;
        self
    }

    /// Limits of each process, lowered to the host's own hard ones.
    pub fn limits(mut self, limits: Vec<ResourceLimit>) -> Command {
        self.limits = limits;
        self
    }

    /// Limits of the whole tree. A spawn that cannot have them fails, see [`TreeLimits::are_available`].
    pub fn tree_limits(mut self, limits: TreeLimits) -> Command {
        self.tree_limits = limits;
        self
    }

    /// Lets the kernel kill the child (not its descendants) when the host dies, however it dies. Linux.
    pub fn die_with_host(mut self, yes: bool) -> Command {
        self.die_with_host = yes;
        self
    }

    /// Opens no console window (`CREATE_NO_WINDOW`). Windows.
    pub fn hide_window(mut self, yes: bool) -> Command {
        self.hide_window = yes;
        self
    }

    /// Passes the arguments unquoted. Windows.
    pub fn verbatim_arguments(mut self, yes: bool) -> Command {
        self.verbatim_arguments = yes;
        self
    }

    /// The file that will be executed.
    pub fn program(&self) -> &Path {
        &self.program
    }

    pub(crate) fn argv0(&self) -> &OsStr {
        self.argv.first().map_or(self.program.as_os_str(), OsString::as_os_str)
    }

    /// Starts it on one of the spawner threads, so that neither a runtime's worker nor a slow file system blocks the caller.
    ///
    /// # Errors
    /// [`SpawnError`] says which step the kernel refused; nothing is left behind.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O enabled.
    ///
    /// # Cancel safety
    /// Dropping the future kills and reaps a child that was born meanwhile.
    pub async fn spawn(self) -> Result<Child, SpawnError> {
        spawner::spawn(self).await
    }
}
