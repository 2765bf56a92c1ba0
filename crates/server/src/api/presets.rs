//! `/api/v1/presets`: the vendors' tables of mappings.

use axum::Json;
use axum::extract::Path;
use mapping::{Preset, preset};
use serde_json::{Value, json};

use super::Problem;
use crate::middleware::context::Caller;

/// `GET /api/v1/presets`.
pub async fn list(_: Caller) -> Json<Value> {
    Json(json!({ "items": preset::all(), "next": null }))
}

/// `GET /api/v1/presets/{preset}`.
pub async fn read(_: Caller, Path(name): Path<String>) -> Result<Json<&'static Preset>, Problem> {
    let found = preset::find(&name);
    let unknown = || Problem::not_found("preset.unknown", format!("There is no mapping preset {name:?}"));
    found.map(Json).ok_or_else(unknown)
}
