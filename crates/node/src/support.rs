//! What can be enforced here, as JSON.

use napi_derive::napi;
use serde_json::{Map, Value, json};
use vetty::Feature;

/// The JavaScript `Support`, as JSON.
#[napi]
pub fn support() -> String {
    let names = |features: &[Feature]| features.iter().map(|feature| feature.as_str()).collect::<Vec<_>>();
    let support = vetty::support();
    let mut levels = Map::new();
    for level in &support.levels {
        let facts = json!({ "available": level.available, "missing": names(&level.missing) });
        levels.insert(level.level.as_str().to_owned(), facts);
    }
    json!({
        "version": support.version,
        "platform": support.platform,
        "backend": support.backend.as_str(),
        "levels": Value::Object(levels),
        "features": names(&support.features),
        "kill": support.kill.as_str(),
    })
    .to_string()
}
