//! The audit trail as events of `tracing`: by itself, because which events are wanted is the whole process's affair.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::sync::Arc;

use serde_json::{Value, json};
use vetty::{Config, Terminal};

/// Keeps the events of the trail.
#[derive(Clone, Default)]
struct Collected(Arc<std::sync::Mutex<Vec<Value>>>);

impl tracing::Subscriber for Collected {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "vetty::audit"
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }
}

impl tracing::field::Visit for Collected {
    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        if field.name() == "event" {
            self.0.lock().unwrap().push(serde_json::from_str(value).unwrap());
        }
    }
    fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn std::fmt::Debug) {}
}

#[test]
fn a_subscriber_of_tracing_hears_it_all_without_a_configuration() {
    let collected = Collected::default();
    let _guard = tracing::subscriber::set_default(collected.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let config = json!({ "commands": { "allow": ["echo *"], "deny": ["echo never"] } });
        let terminal = Terminal::from_config(Config::from_json(config).unwrap()).unwrap();
        terminal.execute("echo 1").await.unwrap();
        terminal.execute("echo never").await.unwrap_err();
    });
    let events = collected.0.lock().unwrap().clone();
    let kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["config", "verdict", "spawn", "exit", "verdict"]);
}
