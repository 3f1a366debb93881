//! Looks at the health of the app's servers: one that does not answer is asked only for want of a better.

use std::sync::Arc;
use std::time::Duration;

use super::error::UpstreamError;
use super::exchange::{Exchange, Patience};
use super::pool::Pool;
use super::servers::Server;
use crate::http::{Method, ResponseHead};

/// Asks a server how it is. An answer below 500 is well, whatever it is.
pub async fn look(server: &Server, path: &str, patience: Duration) -> bool {
    let asked = tokio::time::timeout(patience, status(server, path, patience));
    matches!(asked.await, Ok(Ok(status)) if status < 500)
}

async fn status(server: &Server, path: &str, patience: Duration) -> Result<u16, UpstreamError> {
    // A connection of its own: what it learns is whether new ones are taken.
    let pool = Arc::new(Pool::new(Duration::ZERO));
    let patience = Patience { connect: patience, answer: patience };
    let mut exchange = Exchange::begin(&server.address, &pool, &Method::Get, true, patience).await?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: escala-health\r\nconnection: close\r\n\r\n"
    );
    exchange.send(request.as_bytes(), &[]).await?;
    let mut head = ResponseHead::default();
    exchange.head(&mut head).await?;
    Ok(head.status)
}
