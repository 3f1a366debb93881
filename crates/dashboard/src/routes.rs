//! Paths, and what answers them.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use crate::api::ApiError;
use crate::api::params::{
    EndpointParams, EndpointsParams, FindingParams, OverviewParams, RequestParams, RequestsParams, RunParams,
    SourceParams,
};
use crate::app::{App, Failure};
use crate::params::Params;
use crate::{assets, live, pages};

const JSON: &str = "application/json";

pub(crate) fn router(app: Arc<App>) -> Router {
    let live = live::Live::start(Arc::clone(&app));
    Router::new()
        .route("/api/health", get(health))
        .route("/api/runs", get(runs))
        .route("/api/overview", get(overview))
        .route("/api/endpoints", get(endpoints))
        .route("/api/endpoint", get(endpoint))
        .route("/api/requests", get(requests))
        .route("/api/request", get(request))
        .route("/api/findings", get(findings))
        .route("/api/finding", get(finding))
        .route("/api/source", get(source))
        .with_state(app)
        .route("/api/events", get(live::events).with_state(live))
        .fallback(file)
}

type Page = Result<Response, Failure>;

async fn health(State(app): State<Arc<App>>) -> Page {
    answer(app, pages::health::health).await
}

async fn runs(State(app): State<Arc<App>>) -> Page {
    answer(app, pages::health::runs).await
}

async fn overview(State(app): State<Arc<App>>, uri: Uri, Params(params): Params<OverviewParams>) -> Page {
    remembered(app, uri, params.run, move |app, store, run| {
        pages::overview::overview(app, store, run, &params)
    })
    .await
}

async fn endpoints(State(app): State<Arc<App>>, uri: Uri, Params(params): Params<EndpointsParams>) -> Page {
    remembered(app, uri, params.run, move |app, store, run| {
        pages::endpoints::endpoints(app, store, run, &params)
    })
    .await
}

async fn endpoint(State(app): State<Arc<App>>, uri: Uri, Params(params): Params<EndpointParams>) -> Page {
    remembered(app, uri, params.run, move |app, store, run| {
        pages::endpoint::endpoint(app, store, run, &params)
    })
    .await
}

async fn requests(State(app): State<Arc<App>>, Params(params): Params<RequestsParams>) -> Page {
    answer(app, move |app| pages::request::list(app, &params)).await
}

async fn request(State(app): State<Arc<App>>, Params(params): Params<RequestParams>) -> Page {
    answer(app, move |app| pages::request::request(app, &params)).await
}

async fn findings(State(app): State<Arc<App>>, Params(params): Params<RunParams>) -> Page {
    answer(app, move |app| pages::findings::list(app, &params)).await
}

async fn finding(State(app): State<Arc<App>>, Params(params): Params<FindingParams>) -> Page {
    answer(app, move |app| pages::finding::finding(app, &params)).await
}

async fn source(State(app): State<Arc<App>>, Params(params): Params<SourceParams>) -> Page {
    answer(app, move |app| pages::source::source(app, &params)).await
}

async fn file(uri: Uri, headers: HeaderMap) -> Response {
    let found = if uri.path().starts_with("/api/") { None } else { assets::serve(uri.path(), &headers) };
    found.unwrap_or_else(|| error(StatusCode::NOT_FOUND, "there is no such page".to_owned()))
}

/// Computes an answer where waiting for a disk stops nobody else.
async fn answer<T: Serialize + 'static>(
    app: Arc<App>,
    compute: impl FnOnce(&App) -> Result<T, Failure> + Send + 'static,
) -> Page {
    blocking(move || Ok(Bytes::from(to_json(&compute(&app)?)))).await
}

/// The same, for an answer about a run that stays right until something is recorded.
async fn remembered<T: Serialize + 'static>(
    app: Arc<App>,
    uri: Uri,
    run: Option<i64>,
    compute: impl FnOnce(&App, &store::Store, &store::Run) -> Result<T, Failure> + Send + 'static,
) -> Page {
    blocking(move || {
        app.readers.read(|store| {
            let run = App::run(store, run)?;
            let stamp = app.stamp(store, &run)?;
            let question = uri.to_string();
            if let Some(json) = app.recall(&question, stamp) {
                return Ok(Bytes::from_owner(json));
            }
            let json: Arc<[u8]> = to_json(&compute(&app, store, &run)?).into();
            app.keep(&question, stamp, &json);
            Ok(Bytes::from_owner(json))
        })
    })
    .await
}

async fn blocking(compute: impl FnOnce() -> Result<Bytes, Failure> + Send + 'static) -> Page {
    match tokio::task::spawn_blocking(compute).await {
        Ok(json) => Ok(([(CONTENT_TYPE, JSON)], json?).into_response()),
        // It panicked, or the dashboard stops.
        Err(_) => Ok(error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "this page could not be made: this is a fault of Escala".to_owned(),
        )),
    }
}

fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain data with text keys is always JSON")
}

pub(crate) fn error(status: StatusCode, error: String) -> Response {
    (status, [(CONTENT_TYPE, JSON)], to_json(&ApiError { error })).into_response()
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::NotFound(_) | Self::Open(store::OpenError::NotFound { .. }) => StatusCode::NOT_FOUND,
            Self::Open(_) | Self::Read(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        error(status, self.to_string())
    }
}
