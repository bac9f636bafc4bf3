//! The least that an HTTP server can be on hyper: what verifiers are timed against, and what stubs are measured by.
//!
//! `plain_server [BODY_BYTES] [PORT]` answers every request on loopback with 200 and a body of that many bytes, and
//! prints its address once it listens.

use std::{convert::Infallible, error::Error, net::Ipv4Addr};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Response,
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let length: usize = arguments.next().as_deref().unwrap_or("2").parse()?;
    let port: u16 = arguments.next().as_deref().unwrap_or("0").parse()?;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(serve(Bytes::from(vec![b'x'; length]), port))
}

async fn serve(body: Bytes, port: u16) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let body = body.clone();
        tokio::spawn(async move {
            let service = service_fn(move |_request| {
                let mut response = Response::new(Full::new(body.clone()));
                response
                    .headers_mut()
                    .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
                async move { Ok::<_, Infallible>(response) }
            });
            // A client that goes away in the middle concerns nobody here.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
