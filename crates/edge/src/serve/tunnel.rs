//! Another protocol over the same connection, such as WebSocket: bytes in both directions.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::task::{Context, Poll};

use crate::limits::TUNNEL_IDLE_MAX;
use crate::stream::Connection;

/// Carries bytes until one side has ended or breaks, or nothing was said for too long.
pub(crate) async fn carry(client: &mut Connection, mut app: Connection) {
    let (mut is_client_done, mut is_app_done) = (false, false);
    client.set_deadline(TUNNEL_IDLE_MAX);
    app.set_deadline(TUNNEL_IDLE_MAX);
    let carried: io::Result<()> = poll_fn(|cx| {
        loop {
            let up = carry_one_way(client, &mut app, &mut is_client_done, cx)?;
            let down = carry_one_way(&mut app, client, &mut is_app_done, cx)?;
            // One that has said all ends it for both: no protocol that browsers switch to goes on one way.
            let is_over =
                is_client_done && client.input().is_empty() || is_app_done && app.input().is_empty();
            if is_over {
                return Poll::Ready(Ok(()));
            }
            if !up && !down {
                return Poll::Pending;
            }
            client.set_deadline(TUNNEL_IDLE_MAX);
            app.set_deadline(TUNNEL_IDLE_MAX);
        }
    })
    .await;
    drop(carried);
    client.shutdown().await;
    app.shutdown().await;
}

/// Carries what is there from one side to the other. Returns whether there was any.
fn carry_one_way(
    from: &mut Connection,
    to: &mut Connection,
    is_done: &mut bool,
    cx: &mut Context<'_>,
) -> io::Result<bool> {
    let mut has_moved = false;
    loop {
        if !from.input().is_empty() {
            match to.poll_write(cx, &[IoSlice::new(from.input())]) {
                Poll::Ready(written) => {
                    let written = written?;
                    from.consume(written);
                    has_moved = true;
                    continue;
                }
                Poll::Pending => return Ok(has_moved),
            }
        }
        if *is_done {
            return Ok(has_moved);
        }
        match from.poll_read(cx) {
            Poll::Ready(Ok(0)) => {
                *is_done = true;
                return Ok(has_moved);
            }
            Poll::Ready(Ok(_)) => {}
            Poll::Ready(Err(error)) => return Err(error),
            Poll::Pending => return Ok(has_moved),
        }
    }
}
