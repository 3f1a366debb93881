//! The web server: one thread, bounded connections, and the guard before everything.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use axum::http::{Request, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, oneshot};

use crate::app::{App, Config};
use crate::bind::Bound;
use crate::guard::{Guard, HEADERS, Refusal, Verdict};
use crate::limits::{
    ACCEPT_RETRY_INTERVAL, CONNECTIONS_MAX, HEAD_BYTES_MAX, HEAD_WAIT_MAX, HEADERS_MAX, READERS_MAX,
    SHUTDOWN_WAIT_MAX,
};
use crate::routes;

/// Why the dashboard could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The project's root cannot be used.
    #[error("the project root cannot be entered")]
    ProjectRoot(#[source] io::Error),
    /// The system gives no thread, or no way to wait for connections.
    #[error("cannot start the dashboard")]
    Start(#[source] io::Error),
}

/// A dashboard that is being served, until this is dropped.
#[derive(Debug)]
pub struct Serving {
    /// Dropped to stop.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    /// Serves for as long as the process lives.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Serves the dashboard of a store to those who connect to an address.
pub fn serve(bound: Bound, config: Config) -> Result<Serving, ServeError> {
    let guard = Guard::of(&bound);
    let app = App::new(config).map_err(ServeError::ProjectRoot)?;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(READERS_MAX)
        .thread_name("escala-pages")
        .build()
        .map_err(ServeError::Start)?;
    let listener = {
        let _inside = runtime.enter();
        TcpListener::from_std(bound.listener).map_err(ServeError::Start)?
    };
    let (stop, stopped) = oneshot::channel();
    let thread = thread::Builder::new()
        .name("escala-dashboard".to_owned())
        .spawn(move || run(runtime, listener, &app, guard, stopped))
        .map_err(ServeError::Start)?;
    Ok(Serving { stop: Some(stop), thread: Some(thread) })
}

fn run(
    runtime: Runtime,
    listener: TcpListener,
    app: &Arc<App>,
    guard: Guard,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        tokio::spawn(accept(listener, router(app, guard)));
        // Ends when the sender is dropped, which is how it is told to.
        let _ = stopped.await;
    });
    app.stop();
    runtime.shutdown_timeout(SHUTDOWN_WAIT_MAX);
}

/// Everything that is served, behind the guard.
fn router(app: &Arc<App>, guard: Guard) -> Router {
    routes::router(Arc::clone(app)).layer(middleware::from_fn_with_state(Arc::new(guard), admit))
}

async fn admit(
    axum::extract::State(guard): axum::extract::State<Arc<Guard>>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let mut response = match guard.judge(&head) {
        Verdict::Answer => next.run(Request::from_parts(head, body)).await,
        Verdict::Admit { cookie } => {
            (StatusCode::SEE_OTHER, [(LOCATION, "/".to_owned()), (SET_COOKIE, cookie)]).into_response()
        }
        Verdict::Refuse(refusal) => refused(refusal),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn refused(refusal: Refusal) -> Response {
    let mut response = routes::error(refusal.status(), refusal.to_string());
    if refusal == Refusal::Method {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

async fn accept(listener: TcpListener, router: Router) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_RETRY_INTERVAL).await;
            continue;
        };
        // Those beyond the limit are closed at once: waiting would let a few idle ones keep everybody out in silence.
        if let Ok(permit) = Arc::clone(&connections).try_acquire_owned() {
            let router = router.clone();
            tokio::spawn(async move {
                converse(stream, router).await;
                drop(permit);
            });
        }
    }
}

async fn converse(stream: TcpStream, router: Router) {
    let _ = stream.set_nodelay(true);
    let conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // A client that goes away, or talks nonsense, ends its own connection and nothing else.
    let _ = conversation.await;
}

#[cfg(test)]
mod tests;
