//! The desk over HTTP.
//!
//! `POST /registrations` registers: 201 with the number, 400 for what is not JSON of the right shape, 422 for what is
//! not acceptable, 502 when a partner would not take it. `GET /idle` is 204 while no registration is in hand.

use std::{
    convert::Infallible,
    io,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{Care, Desk, Registration, Trouble};

/// The longest body that is read, in bytes.
const BODY_MAX: usize = 64 * 1024;

/// A registration is in hand as long as one of these lives.
struct InHand<'a>(&'a AtomicUsize);

impl<'a> InHand<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Serves the desk until the future is dropped.
pub async fn serve(listener: TcpListener, desk: Desk) -> io::Result<()> {
    let desk = Arc::new((desk, AtomicUsize::new(0)));
    loop {
        let (stream, _) = listener.accept().await?;
        let desk = desk.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let desk = desk.clone();
                async move { Ok::<_, Infallible>(answer(&desk.0, &desk.1, request).await) }
            });
            // A caller that breaks the protocol or leaves has only itself to blame.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    desk: &Desk,
    in_hand: &AtomicUsize,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/idle") => {
            if in_hand.load(Ordering::SeqCst) == 0 {
                empty(StatusCode::NO_CONTENT)
            } else {
                empty(StatusCode::SERVICE_UNAVAILABLE)
            }
        }
        (&Method::POST, "/registrations") => {
            let _in_hand = InHand::begin(in_hand);
            register(desk, request).await
        }
        (_, "/registrations" | "/idle") => empty(StatusCode::METHOD_NOT_ALLOWED),
        _ => empty(StatusCode::NOT_FOUND),
    }
}

async fn register(desk: &Desk, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let Ok(body) = Limited::new(request.into_body(), BODY_MAX).collect().await else {
        return say(StatusCode::BAD_REQUEST, "the body is cut short or too long");
    };
    let registration: Registration = match serde_json::from_slice(&body.to_bytes()) {
        Ok(registration) => registration,
        Err(_) => return say(StatusCode::BAD_REQUEST, "the body is not a registration"),
    };
    match desk.register(&registration).await {
        Ok(()) => json_of(StatusCode::CREATED, &json!({ "mrn": registration.mrn })),
        Err(trouble @ Trouble::Unacceptable(_)) => {
            say(StatusCode::UNPROCESSABLE_ENTITY, &trouble.to_string())
        }
        Err(trouble) => {
            eprintln!("{trouble}");
            say(StatusCode::BAD_GATEWAY, "a partner would not take it")
        }
    }
}

fn say(status: StatusCode, problem: &str) -> Response<Full<Bytes>> {
    json_of(status, &json!({ "problem": problem }))
}

fn json_of(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert(
        "content-type",
        hyper::header::HeaderValue::from_static("application/json"),
    );
    response
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    response
}

/// The `main` of the programs: `--ehr URL --ledger URL`. Listens on a free port of the loopback interface and prints it.
pub fn run(care: Care) -> ExitCode {
    let mut words = std::env::args().skip(1);
    let (mut ehr, mut ledger) = (None, None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--ehr" => ehr = words.next(),
            "--ledger" => ledger = words.next(),
            _ => {
                eprintln!("'{word}' is not known here");
                return ExitCode::FAILURE;
            }
        }
    }
    let (Some(ehr), Some(ledger)) = (ehr, ledger) else {
        eprintln!("usage: registration-desk --ehr URL --ledger URL");
        return ExitCode::FAILURE;
    };
    let served = tokio::runtime::Runtime::new().and_then(|runtime| {
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            println!("registration desk at {}", listener.local_addr()?);
            serve(listener, Desk::new(ehr, ledger, care)).await
        })
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
