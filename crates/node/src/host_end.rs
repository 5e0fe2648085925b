//! Nothing outlives its environment: when a process exits or a worker is terminated, what its terminals run is killed.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue, Object, Unknown};
use napi_derive::napi;
use vetty::Terminal;

thread_local! {
    /// How many [`Environment`]s this thread has: one for each time that the addon was loaded.
    static ENVIRONMENTS: Cell<usize> = const { Cell::new(0) };

    /// The terminals of this thread's environment; none before the first, and after its end.
    static TERMINALS: RefCell<Option<Terminals>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Terminals {
    by_key: HashMap<u64, Entry>,
    next_key: u64,
}

struct Entry {
    terminal: Terminal,
    /// JavaScript has let go of it. What it still runs is watched to its end.
    released: bool,
}

impl Entry {
    fn matters(&self) -> bool {
        !self.released || self.terminal.list().iter().any(|listed| listed.running)
    }
}

/// A terminal's place among those that are abandoned with their environment; dropped with the JavaScript object.
pub(crate) struct Watched {
    key: u64,
}

impl Watched {
    pub(crate) fn new(env: &Env, terminal: &Terminal) -> napi::Result<Watched> {
        TERMINALS.with_borrow_mut(|terminals| {
            if terminals.is_none() {
                // The hook does not run at `process.exit`; the event does not come when a worker is terminated.
                env.add_env_cleanup_hook((), |()| abandon_all())?;
                on_exit(env)?;
            }
            let terminals = terminals.get_or_insert_default();
            terminals.by_key.retain(|_, entry| entry.matters());
            let key = terminals.next_key;
            terminals.next_key += 1;
            terminals.by_key.insert(key, Entry { terminal: terminal.clone(), released: false });
            Ok(Watched { key })
        })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // The thread may be past its own end: then there is nothing to forget.
        let forgotten = TERMINALS.try_with(|terminals| {
            if let Some(terminals) = terminals.borrow_mut().as_mut()
                && let Some(entry) = terminals.by_key.get_mut(&self.key)
            {
                entry.released = true;
                terminals.by_key.retain(|_, entry| entry.matters());
            }
        });
        forgotten.ok();
    }
}

/// Dropped at the environment's end, with all else that JavaScript was given. Deno calls back even after that, and whoever
/// is called would go on with what is gone.
#[napi]
pub struct Environment {}

impl Drop for Environment {
    fn drop(&mut self) {
        ENVIRONMENTS.set(ENVIRONMENTS.get() - 1);
    }
}

/// Kept by the exports, which nobody collects before.
#[napi(module_exports)]
pub fn watch_environment(mut exports: Object<'_>) -> napi::Result<()> {
    ENVIRONMENTS.set(ENVIRONMENTS.get() + 1);
    exports.set("environment", Environment {})
}

/// Whether this thread's environment has ended.
pub(crate) fn is_over() -> bool {
    ENVIRONMENTS.get() == 0
}

/// `(event, listener)`
type Listening<'a> = FnArgs<(&'a str, Function<'a, (), ()>)>;

/// Hears the event of the host's own `process`. A test framework may give its tests another one, whose end is none.
fn on_exit(env: &Env) -> napi::Result<()> {
    let process: Object<'_> = env.get_global()?.get_named_property("process")?;
    let on: Function<'_, Listening<'_>, Unknown<'_>> = process.get_named_property("on")?;
    let abandon = env.create_function_from_closure("abandonAll", |_| {
        abandon_all();
        Ok(())
    })?;
    on.apply(process, Listening::from(("exit", abandon))).map(drop)
}

/// Kills what this thread's terminals run, and refuses what comes.
fn abandon_all() {
    for entry in TERMINALS.take().into_iter().flat_map(|terminals| terminals.by_key.into_values()) {
        entry.terminal.abandon();
    }
}
