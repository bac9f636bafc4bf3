//! The server: hyper, since nothing here needs the raw bytes.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::{
    Method, Request, StatusCode,
    body::{Body as _, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet, time::timeout};

use super::{
    answer::{Problem, Reply},
    api, guard,
    route::Route,
};
use crate::stubs_up::LiveStub;

/// How many connections may be open at once; more wait.
const CONNECTIONS_MAX: usize = 256;
/// How long a head may take to arrive, and how long a connection may stay unused.
const HEAD_WITHIN: Duration = Duration::from_mins(1);
/// How long a body may take to arrive.
const BODY_WITHIN: Duration = Duration::from_secs(30);
/// The longest body that is taken, in bytes.
const BODY_MAX: usize = 32 * 1024 * 1024;
/// The longest head that is taken, in bytes.
const HEAD_MAX: usize = 64 * 1024;

/// Serves the control API of these stubs until the future is dropped; its connections end with it.
pub(in crate::stubs_up) async fn serve(
    listener: TcpListener,
    at: SocketAddr,
    stubs: Arc<[Arc<LiveStub>]>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let is_loopback = at.ip().is_loopback();
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, or the peer was gone already: the next one may do better.
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        // Without it small answers wait for the peer's delayed acknowledgement; the connection works either way.
        let _ = stream.set_nodelay(true);
        let stubs = Arc::clone(&stubs);
        connections.spawn(async move {
            let service = service_fn(|request| {
                let stubs = Arc::clone(&stubs);
                async move {
                    let answered = answer(&stubs, request, is_loopback).await;
                    Ok::<_, Infallible>(answered.unwrap_or_else(Problem::reply))
                }
            });
            // A client that breaks the protocol or leaves has only itself to blame.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_WITHIN)
                .max_buf_size(HEAD_MAX)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(
    stubs: &[Arc<LiveStub>],
    request: Request<Incoming>,
    is_loopback: bool,
) -> Result<Reply, Problem> {
    guard::check(request.headers(), is_loopback)?;
    let (head, body) = request.into_parts();
    let route = Route::find(head.uri.path())?;
    let methods = route.methods();
    if !methods.contains(&head.method.as_str()) {
        let allowed = methods.join(", ");
        return Err(Problem {
            allow: Some(allowed.clone()),
            ..Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                format!("{} cannot be done with '{}'", head.method, head.uri.path()),
                allowed,
            )
        });
    }
    let body = if head.method == Method::POST {
        collect(body).await?
    } else {
        Bytes::new()
    };
    let request = api::Request {
        method: match head.method.as_str() {
            "HEAD" => "GET",
            method => method,
        },
        route,
        query: head.uri.query(),
        body: &body,
    };
    api::answer(stubs, request).await
}

/// The whole body, within its bounds.
async fn collect(body: Incoming) -> Result<Bytes, Problem> {
    let too_long = || {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is too long",
            format!(
                "at most {} MiB; large sets are given at the start",
                BODY_MAX >> 20
            ),
        )
    };
    // What announces more than is taken need not be read to be refused.
    if body.size_hint().lower() > BODY_MAX as u64 {
        return Err(too_long());
    }
    match timeout(BODY_WITHIN, Limited::new(body, BODY_MAX).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_long()),
        Ok(Err(_)) => Err(Problem::bad(
            "the body did not arrive whole",
            "as many bytes as were announced",
        )),
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "the body is too slow",
            format!("the whole of it within {} s", BODY_WITHIN.as_secs()),
        )),
    }
}
