//! The API's own description: `docs/reference/dashboard-openapi.json`, made from the types, and a test that it is current.

use std::path::Path;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::params::{
    EndpointParams, EndpointsParams, FindingParams, OverviewParams, RequestParams, RequestsParams, RunParams,
    SourceParams,
};
use super::{
    ApiError, Code, EndpointList, EndpointPage, FindingDetail, FindingList, Health, Live, Overview,
    RequestList, RequestPage, RunList,
};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/dashboard-openapi.json");

/// An optional field may be left out of what is asked, and is there in every answer.
struct Types {
    asked: SchemaGenerator,
    answered: SchemaGenerator,
}

/// A path takes no parameters.
#[derive(JsonSchema)]
struct Nothing {}

#[test]
fn the_document_is_current() {
    let current = serde_json::to_string_pretty(&document()).expect("JSON") + "\n";
    if std::env::var_os("ESCALA_UPDATE_OPENAPI").is_some() {
        std::fs::write(DOCUMENT, &current).expect("the document can be written");
    }
    let written = std::fs::read_to_string(Path::new(DOCUMENT)).unwrap_or_default();
    assert!(
        written == current,
        "docs/reference/dashboard-openapi.json is not what the types say: run \
         `ESCALA_UPDATE_OPENAPI=1 cargo test -p dashboard the_document_is_current`, then build the pages anew"
    );
}

fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut types = Types {
        asked: settings.clone().for_deserialize().into_generator(),
        answered: settings.for_serialize().into_generator(),
    };
    let mut paths = Map::new();
    let mut path =
        |name: &str, operation: Value| paths.insert(format!("/api/{name}"), json!({"get": operation}));
    let types = &mut types;
    path("health", get::<Nothing, Health>(types, "What is served, and whether more is coming"));
    path("runs", get::<Nothing, RunList>(types, "The runs of the store, the latest first"));
    path("overview", get::<OverviewParams, Overview>(types, "All requests, over time"));
    path("endpoints", get::<EndpointsParams, EndpointList>(types, "Endpoints, ranked"));
    path("endpoint", get::<EndpointParams, EndpointPage>(types, "One endpoint"));
    path("requests", get::<RequestsParams, RequestList>(types, "Requests of an endpoint"));
    path("request", get::<RequestParams, RequestPage>(types, "One request as a waterfall"));
    path("findings", get::<RunParams, FindingList>(types, "Findings, ranked"));
    path("finding", get::<FindingParams, FindingDetail>(types, "One finding, with code and proof"));
    path("source", get::<SourceParams, Code>(types, "Lines of a source file of the project"));
    path("events", events(types));
    let mut schemas = types.asked.take_definitions(true);
    schemas.extend(types.answered.take_definitions(true));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Escala dashboard",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the pages of the dashboard read. Served on loopback by `escala run` and `escala dashboard`; \
                see dashboard.md. It belongs to the pages of the same version and may change with them.",
        },
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

fn get<P: JsonSchema, R: JsonSchema>(types: &mut Types, summary: &str) -> Value {
    let answer = types.answered.subschema_for::<R>();
    let error = types.answered.subschema_for::<ApiError>();
    json!({
        "summary": summary,
        "parameters": parameters::<P>(&mut types.asked),
        "responses": {
            "200": {"description": summary, "content": {"application/json": {"schema": answer}}},
            "default": {"description": "Refused, not found, or failed",
                "content": {"application/json": {"schema": error}}},
        },
    })
}

fn events(types: &mut Types) -> Value {
    let live = types.answered.subschema_for::<Live>();
    let error = types.answered.subschema_for::<ApiError>();
    json!({
        "summary": "Server-sent events; the data of each event `live` is one such value",
        "parameters": [],
        "responses": {
            "200": {"description": "A stream of events", "content": {"text/event-stream": {"schema": live}}},
            "default": {"description": "Refused: too many streams are open",
                "content": {"application/json": {"schema": error}}},
        },
    })
}

/// The fields of a type as query parameters.
fn parameters<P: JsonSchema>(generator: &mut SchemaGenerator) -> Vec<Value> {
    let schema = P::json_schema(generator).to_value();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let Some(properties) = schema["properties"].as_object() else { return Vec::new() };
    let parameter = |(name, schema): (&String, &Value)| {
        let mut schema = schema.clone();
        let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        // What is optional is left out, never null.
        if let Some(choices) = schema["anyOf"].as_array() {
            schema = choices[0].clone();
        }
        if let Some(types) = schema["type"].as_array() {
            schema["type"] = types[0].clone();
        }
        json!({
            "name": name,
            "in": "query",
            "required": required.contains(&Value::String(name.clone())),
            "description": description,
            "schema": schema,
        })
    };
    properties.iter().map(parameter).collect()
}
