//! The user's SSH configuration, as the system's `ssh` reads it: `ssh -G` resolves it, with `Include` and `Match`.
//!
//! What it says is applied, or it is an error: a setting that changes whom one speaks to, by which way or how it is
//! protected, and that this crate does not have, is never skipped. Whether a setting is set at all is seen by comparing
//! with what `ssh -F none -G` says.
//!
//! `ssh -G` runs the commands of `Match exec` lines, as each use of `ssh` does.

mod keywords;

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::io::AsyncReadExt;
use vetty_process::{Command, Exit, Stdio};

use crate::error::{Error, Phase};
use crate::host::Host;
use crate::target::{MAX_HOPS, Target};

/// What `ssh -G` may print, and for how long it may run.
const MAX_TEXT: u64 = 1024 * 1024;
const MAX_TIME: Duration = Duration::from_secs(30);

/// How long an answer is used again, if the files have not changed. Included files are not known, hence the bound.
const FRESH: Duration = Duration::from_secs(60);

/// The most answers that are kept.
const MAX_CACHED: usize = 10_000;

/// Reads SSH configuration by the system's `ssh`. Cloning shares what was read.
#[derive(Debug, Clone)]
pub struct Configuration {
    ssh: PathBuf,
    file: Option<PathBuf>,
    cache: Arc<Mutex<HashMap<String, Cached>>>,
}

#[derive(Debug)]
struct Cached {
    at: Instant,
    stamps: Vec<Option<SystemTime>>,
    settings: Arc<Settings>,
}

/// What the configuration says for a host, and what it would say if it said nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) said: Vec<(String, String)>,
    pub(crate) default: Vec<(String, String)>,
}

impl Configuration {
    /// The user's own and the system's files, by the `ssh` of `PATH`. `None`: there is none.
    pub fn of_user() -> Option<Configuration> {
        let path = std::env::var_os("PATH")?;
        let name = format!("ssh{}", std::env::consts::EXE_SUFFIX);
        let found = std::env::split_paths(&path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(&name))
            .find(|program| program.is_file())?;
        Some(Configuration::with(found, None))
    }

    /// By this `ssh`, and instead of the user's and the system's files by this one (`-F`).
    pub fn with(ssh: PathBuf, file: Option<PathBuf>) -> Configuration {
        Configuration { ssh, file, cache: Arc::default() }
    }

    /// The target that the configuration makes of a host: address, user, port, keys, known_hosts files, hops.
    ///
    /// # Errors
    /// [`Error::Configuration`] names a setting that this crate does not apply, or says why `ssh -G` failed.
    pub async fn target(&self, host: &Host) -> Result<Target, Error> {
        self.resolve(host, MAX_HOPS).await
    }

    fn resolve<'a>(
        &'a self,
        host: &'a Host,
        hops: usize,
    ) -> Pin<Box<dyn Future<Output = Result<Target, Error>> + Send + 'a>> {
        Box::pin(async move {
            let settings = self.settings(host).await?;
            let (mut target, jump) = keywords::apply(host, &settings)?;
            for (number, hop) in jump.iter().enumerate() {
                if hops == 0 {
                    return Err(Error::Configuration {
                        host: host.to_string(),
                        keyword: "ProxyJump".to_owned(),
                        why: format!("leads over more than {MAX_HOPS} hops"),
                    });
                }
                let mut hop = self.resolve(hop, hops - 1).await?;
                // As for OpenSSH only the first hop of a list goes its own way.
                let own = std::mem::take(&mut hop.jump);
                if number == 0 {
                    target.jump.extend(own);
                }
                target.jump.push(hop);
            }
            Ok(target)
        })
    }

    async fn settings(&self, host: &Host) -> Result<Arc<Settings>, Error> {
        let key = host.to_string();
        let stamps = self.stamps();
        {
            let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(cached) = cache.get(&key)
                && cached.stamps == stamps
                && cached.at.elapsed() < FRESH
            {
                return Ok(cached.settings.clone());
            }
        }
        let (said, default) =
            tokio::try_join!(self.ask(host, self.file.as_deref()), self.ask(host, Some(Path::new("none"))))?;
        let settings = Arc::new(Settings { said, default });
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= MAX_CACHED {
            cache.clear();
        }
        cache.insert(key, Cached { at: Instant::now(), stamps, settings: settings.clone() });
        Ok(settings)
    }

    /// When the files were changed.
    fn stamps(&self) -> Vec<Option<SystemTime>> {
        let changed = |path: &Path| std::fs::metadata(path).and_then(|found| found.modified()).ok();
        match &self.file {
            Some(file) => vec![changed(file)],
            None => {
                let user = std::env::home_dir().map(|home| home.join(".ssh/config"));
                let system = ["/etc/ssh/ssh_config", "/etc/ssh/ssh_config.d"].map(PathBuf::from);
                user.into_iter().chain(system).map(|path| changed(&path)).collect()
            }
        }
    }

    async fn ask(&self, host: &Host, file: Option<&Path>) -> Result<Vec<(String, String)>, Error> {
        let mut argv: Vec<OsString> = vec!["ssh".into(), "-G".into(), "-T".into()];
        if let Some(file) = file {
            argv.extend(["-F".into(), file.into()]);
        }
        if let Some(user) = &host.user {
            argv.extend(["-l".into(), user.into()]);
        }
        if let Some(port) = host.port {
            argv.extend(["-p".into(), port.to_string().into()]);
        }
        argv.extend(["--".into(), host.name.clone().into()]);
        let wrong =
            |why: String| Error::Configuration { host: host.to_string(), keyword: "ssh -G".to_owned(), why };
        let run = async {
            let command = Command::new(&self.ssh).argv(argv).envs(std::env::vars_os().collect());
            let spawned = command.stdout(Stdio::Pipe).stderr(Stdio::Pipe).spawn().await;
            let mut child = spawned.map_err(|error| wrong(format!("does not start: {error}")))?;
            let (out, err) = (child.stdout.take(), child.stderr.take());
            let (out, err) = tokio::join!(text(out), text(err));
            child.exited().await;
            match child.reap() {
                Exit::Exited(0) => Ok(parse(&out)),
                exit => Err(wrong(format!("ended with {exit}: {}", err.trim().escape_debug()))),
            }
        };
        tokio::time::timeout(MAX_TIME, run).await.map_err(|_| Error::Timeout {
            host: host.to_string(),
            phase: Phase::Configuration,
            limit: MAX_TIME,
        })?
    }
}

async fn text(stream: Option<impl AsyncReadExt + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // What cannot be read any more is missing, and its absence is an error of its own.
        let _ = stream.take(MAX_TEXT).read_to_end(&mut bytes).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `keyword value` lines, in order.
fn parse(text: &str) -> Vec<(String, String)> {
    text.lines()
        .map(|line| {
            let (keyword, value) = line.split_once(' ').unwrap_or((line, ""));
            (keyword.to_ascii_lowercase(), value.trim().to_owned())
        })
        .collect()
}
