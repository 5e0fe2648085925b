//! The addon's terminal: a policy and what runs under it.

use std::time::Duration;

use napi::Env;
use napi::bindgen_prelude::{
    BufferSlice, ClassInstance, Either, JavaScriptClassExt, Object, PromiseRaw, block_on,
};
use napi_derive::napi;
use serde_json::json;
use vetty::policy::{Policy, ThisMachine};
use vetty::{Approval, CancellationToken, Command, Config, ConfigChange, Listed, Session, Terminal, Verdict};

use crate::audit::{self, NativeAudit};
use crate::call::{self, Line};
use crate::error;
use crate::host_end::Watched;
use crate::outcome::{Outcome, milliseconds};
use crate::process::NativeProcess;
use crate::session::NativeSession;

/// A policy and what runs under it.
#[napi]
pub struct NativeTerminal {
    terminal: Terminal,
    _watched: Watched,
}

/// Ends what it was handed to; an `AbortSignal`'s shadow.
#[napi]
pub struct Cancellation {
    token: CancellationToken,
}

#[napi]
impl Cancellation {
    /// One that has not happened.
    #[napi(constructor)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Cancellation {
        Cancellation { token: CancellationToken::new() }
    }

    /// Ends it.
    #[napi]
    pub fn cancel(&self) {
        self.token.cancel();
    }

    pub(crate) fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}

fn opened(env: &Env, session: Result<Session, vetty::Error>) -> napi::Result<Object<'_>> {
    match session {
        Ok(session) => NativeSession::new(session).into_js(env),
        Err(error) => Outcome::of(Err(error)).into_js(env),
    }
}

fn text(verdict: &Verdict) -> String {
    serde_json::to_string(verdict).expect("a verdict is plain data")
}

#[napi]
impl NativeTerminal {
    /// From a configuration as JSON, which replaces another one if `replaces`. The error's message is the facade's error as
    /// JSON.
    #[napi(constructor)]
    pub fn new(env: Env, config: String, replaces: Option<bool>) -> napi::Result<NativeTerminal> {
        let refuse = |error: vetty::ConfigError| napi::Error::from_reason(error::config(&error).to_string());
        let config =
            serde_json::from_str(&config).map_err(|error| refuse(vetty::ConfigError::new("", error)))?;
        let change = if replaces == Some(true) { ConfigChange::SetConfig } else { ConfigChange::Initialize };
        let terminal = Config::from_json(config)
            .and_then(|config| Terminal::from_config_for(config, change))
            .map_err(refuse)?;
        let watched = Watched::new(&env, &terminal)?;
        Ok(NativeTerminal { terminal, _watched: watched })
    }

    /// From a policy file. Rejects with the facade's error as JSON in its message.
    #[napi(ts_return_type = "Promise<NativeTerminal>")]
    pub fn load<'env>(
        env: &'env Env,
        path: String,
    ) -> napi::Result<PromiseRaw<'env, ClassInstance<'env, NativeTerminal>>> {
        let load = async move {
            let loaded = tokio::task::spawn_blocking(move || Terminal::load(path)).await;
            let loaded = loaded.map_err(|error| napi::Error::from_reason(error.to_string()))?;
            loaded.map_err(|error| napi::Error::from_reason(error::config(&error).to_string()))
        };
        env.spawn_future_with_callback(load, |env, terminal| {
            let watched = Watched::new(env, &terminal)?;
            NativeTerminal { terminal, _watched: watched }.into_instance(env)
        })
    }

    /// The files that the policy was read from.
    #[napi]
    pub fn files(&self) -> Vec<String> {
        self.terminal.policy().files().iter().map(|file| file.to_string_lossy().into_owned()).collect()
    }

    /// Under a policy that permits any command anywhere, looked up in these folders, as this user and group.
    #[napi(factory)]
    pub fn unrestricted(
        env: Env,
        search_path: Vec<String>,
        uid: Option<u32>,
        gid: Option<u32>,
    ) -> napi::Result<NativeTerminal> {
        let policy = Policy::unrestricted_with(&ThisMachine, |config| {
            config.commands.search_path = Some(search_path);
            (config.uid, config.gid) = (uid, gid);
        });
        let policy = policy.map_err(|error| napi::Error::from_reason(error.to_string()))?;
        let mut config = Config::default();
        config.sessions.max = usize::MAX;
        let terminal = Terminal::with_policy(policy, config);
        let watched = Watched::new(&env, &terminal)?;
        Ok(NativeTerminal { terminal, _watched: watched })
    }

    /// The verdict as JSON.
    #[napi]
    pub fn check(&self, line: Line, host_env: String, options: Option<String>) -> napi::Result<String> {
        let verdict = call::command(&self.terminal, line, &host_env, options.as_deref())?.check();
        Ok(text(&verdict))
    }

    /// What every rule says of a call, as JSON.
    #[napi]
    pub fn explain(&self, line: Line, host_env: String, options: Option<String>) -> napi::Result<String> {
        let explanation = call::command(&self.terminal, line, &host_env, options.as_deref())?.explain();
        Ok(json!(explanation).to_string())
    }

    /// The same as `check`; the look-ups are made on another thread.
    #[napi]
    pub fn check_async<'env>(
        &self,
        env: &'env Env,
        line: Line,
        host_env: String,
        options: Option<String>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let command = call::command(&self.terminal, line, &host_env, options.as_deref())?;
        env.spawn_future(async move {
            let verdict = tokio::task::spawn_blocking(move || command.check()).await;
            let verdict = verdict.map_err(|error| napi::Error::from_reason(error.to_string()))?;
            Ok(text(&verdict))
        })
    }

    /// Runs, captures and waits; a refusal comes back at once, as JSON.
    #[napi(ts_return_type = "Promise<object> | string")]
    pub fn execute<'env>(
        &self,
        env: &'env Env,
        line: Line,
        host_env: String,
        options: Option<String>,
        input: Option<&[u8]>,
        cancel: Option<&Cancellation>,
    ) -> napi::Result<Either<PromiseRaw<'env, Object<'env>>, String>> {
        let command = match self.vetted(line, &host_env, options.as_deref(), input, cancel)? {
            Ok(command) => command,
            Err(refusal) => return Ok(Either::B(refusal)),
        };
        let run = async move { Ok(Outcome::of(command.run().await)) };
        env.spawn_future_with_callback(run, |env, outcome| outcome.into_js(env)).map(Either::A)
    }

    /// Starts; a refusal comes back at once, as JSON. `mode` is `background`, `spawn`, or `execute` for a run whose output
    /// is listened to while it is captured.
    #[napi(ts_return_type = "Promise<object> | string")]
    #[allow(clippy::too_many_arguments, reason = "one for each that JavaScript hands over")]
    pub fn start<'env>(
        &self,
        env: &'env Env,
        mode: String,
        line: Line,
        host_env: String,
        options: Option<String>,
        input: Option<&[u8]>,
        cancel: Option<&Cancellation>,
    ) -> napi::Result<Either<PromiseRaw<'env, Object<'env>>, String>> {
        let command = match self.vetted(line, &host_env, options.as_deref(), input, cancel)? {
            Ok(command) => command,
            Err(refusal) => return Ok(Either::B(refusal)),
        };
        let run = async move {
            Ok(match mode.as_str() {
                "background" => command.start().await.map(NativeProcess::listed),
                "execute" => command.spawn().await.map(NativeProcess::tapped),
                _ => command.spawn().await.map(NativeProcess::held),
            })
        };
        let promise = env.spawn_future_with_callback(run, |env, started| match started {
            Ok(process) => process.into_js(env),
            Err(error) => Outcome::of(Err(error)).into_js(env),
        })?;
        Ok(Either::A(promise))
    }

    /// Starts on a pseudo-terminal; a refusal comes back at once, as JSON.
    #[napi(ts_return_type = "Promise<object> | string")]
    pub fn open<'env>(
        &self,
        env: &'env Env,
        line: Line,
        host_env: String,
        options: Option<String>,
        cancel: Option<&Cancellation>,
    ) -> napi::Result<Either<PromiseRaw<'env, Object<'env>>, String>> {
        let command = match self.vetted(line, &host_env, options.as_deref(), None, cancel)? {
            Ok(command) => command,
            Err(refusal) => return Ok(Either::B(refusal)),
        };
        let open = async move { Ok(command.open().await) };
        env.spawn_future_with_callback(open, opened).map(Either::A)
    }

    /// The same, before it returns: this thread waits for the kernel.
    #[napi(ts_return_type = "object | string")]
    pub fn open_now<'env>(
        &self,
        env: &'env Env,
        line: Line,
        host_env: String,
        options: Option<String>,
    ) -> napi::Result<Either<Object<'env>, String>> {
        match self.vetted(line, &host_env, options.as_deref(), None, None)? {
            Ok(command) => opened(env, block_on(command.at_once().open())).map(Either::A),
            Err(refusal) => Ok(Either::B(refusal)),
        }
    }

    /// What [`NativeTerminal::start`] gives, of one that is listed.
    #[napi(ts_return_type = "object | null")]
    pub fn attach<'env>(&self, env: &'env Env, id: String) -> napi::Result<Option<Object<'env>>> {
        self.terminal.handle(&id).map(|handle| NativeProcess::listed(handle).into_js(env)).transpose()
    }

    /// Asks for the end of a run's tree.
    #[napi]
    pub fn kill(&self, id: String) -> bool {
        self.terminal.kill(&id)
    }

    /// What was captured so far; nothing of an unknown id.
    #[napi(ts_return_type = "{ stdout: Uint8Array, stderr: Uint8Array } | null")]
    pub fn captured<'env>(&self, env: &'env Env, id: String) -> napi::Result<Option<Object<'env>>> {
        let Some(handle) = self.terminal.handle(&id) else {
            return Ok(None);
        };
        let captured = handle.captured();
        let mut object = Object::new(env)?;
        object.set("stdout", BufferSlice::copy_from(env, &captured.stdout)?)?;
        object.set("stderr", BufferSlice::copy_from(env, &captured.stderr)?)?;
        object.set("ended", handle.output().is_some())?;
        Ok(Some(object))
    }

    /// The exit code of one that has ended by itself.
    #[napi]
    pub fn exit_code(&self, id: String) -> Option<i32> {
        self.terminal.handle(&id)?.exit()?.code()
    }

    /// What runs and has run lately, as JSON.
    #[napi]
    pub fn list(&self) -> String {
        let item = |listed: Listed| {
            json!({
                "id": listed.id,
                "argv": listed.argv,
                "pid": listed.pid,
                "startedAt": milliseconds(listed.started_at),
                "kind": if listed.session { "session" } else { "process" },
                "background": listed.background,
                "running": listed.running,
            })
        };
        self.terminal.list().into_iter().map(item).collect::<serde_json::Value>().to_string()
    }

    /// An id for a call.
    #[napi]
    pub fn new_id(&self) -> String {
        self.terminal.new_id()
    }

    /// The configuration in force, as JSON.
    #[napi]
    pub fn config(&self) -> String {
        self.terminal.config_json().to_string()
    }

    /// The policy's SHA-256.
    #[napi]
    pub fn policy_hash(&self) -> String {
        self.terminal.policy().hash().to_owned()
    }

    /// What is legal and probably wrong, as JSON.
    #[napi]
    pub fn lint(&self) -> String {
        json!(self.terminal.lint()).to_string()
    }

    /// Hears the audit events, the configuration's first.
    #[napi]
    pub fn audit(&self) -> NativeAudit {
        NativeAudit::new(self.terminal.audit())
    }

    /// The end of the audit trail, as JSON; nothing if there is none.
    #[napi]
    pub fn audit_head(&self) -> Option<String> {
        self.terminal.audit_head().map(|head| audit::head(&head).to_string())
    }

    /// Records that the configuration is final.
    #[napi]
    pub fn audit_lock(&self) {
        self.terminal.audit_change(ConfigChange::Lock);
    }

    /// Records a verdict of the facade's, as JSON; gives the one that is to be told.
    #[napi]
    pub fn record_refusal(&self, id: String, host_env: String, verdict: String) -> napi::Result<String> {
        let verdict =
            serde_json::from_str(&verdict).map_err(|error| napi::Error::from_reason(error.to_string()))?;
        Ok(text(&self.told_of(id, &host_env)?.record_refusal(verdict)))
    }

    /// Records what somebody answered.
    #[napi]
    pub fn record_approval(&self, id: String, answer: String, waited: f64) -> napi::Result<()> {
        let approval = match answer.as_str() {
            "allow" => Some(Approval::Allow),
            "allow-session" => Some(Approval::AllowSession),
            "allow-rule" => Some(Approval::AllowRule),
            "timeout" => None,
            _ => Some(Approval::Deny),
        };
        self.told_of(id, "")?.record_approval(approval, Duration::from_secs_f64(waited.max(0.0) / 1000.0));
        Ok(())
    }

    /// Ends all that runs.
    #[napi]
    pub fn kill_all<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, ()>> {
        let terminal = self.terminal.clone();
        env.spawn_future(async move {
            terminal.kill_all().await;
            Ok(())
        })
    }

    /// Ends all that runs and refuses what comes.
    #[napi]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, ()>> {
        let terminal = self.terminal.clone();
        env.spawn_future(async move {
            terminal.close().await;
            Ok(())
        })
    }
}

impl NativeTerminal {
    /// A call that only the audit trail hears of.
    fn told_of(&self, id: String, host_env: &str) -> napi::Result<Command> {
        Ok(call::command(&self.terminal, Line::B(Vec::new()), host_env, None)?.id(id))
    }

    /// The call, or its refusal as JSON: judged here, so that the caller learns it at once, and again when it is run.
    fn vetted(
        &self,
        line: Line,
        host_env: &str,
        options: Option<&str>,
        input: Option<&[u8]>,
        cancel: Option<&Cancellation>,
    ) -> napi::Result<Result<Command, String>> {
        let mut command = call::command(&self.terminal, line, host_env, options)?;
        if let Some(refusal) = command.refusal() {
            return Ok(Err(error::refusal(&refusal).to_string()));
        }
        if let Some(input) = input {
            command = command.input(input.to_vec());
        }
        if let Some(cancel) = cancel {
            command = command.cancel(cancel.token());
        }
        Ok(Ok(command))
    }
}
