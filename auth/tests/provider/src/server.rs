//! The socket: reserved, listened on, closed again. Requests that a reset answers are the reason for a loop of its own
//! instead of `axum::serve`.

use std::{error::Error, io, net::SocketAddr, sync::Arc};

use axum::body::Body;
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::{JoinHandle, JoinSet},
};

use crate::{
    fault::{Fault, Reset},
    received::Received,
    state::Provider,
};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// An address that is the provider's, whether it listens there or not.
pub(crate) enum Socket {
    /// Bound and not listened on: connections are refused, and nobody else gets the port.
    Reserved(TcpSocket),
    /// Dropping the sender ends the task.
    Open(oneshot::Sender<()>, JoinHandle<()>),
}

impl Socket {
    pub(crate) fn reserve(address: SocketAddr) -> io::Result<(Self, SocketAddr)> {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        // Connections of the time before may linger.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let address = socket.local_addr()?;
        Ok((Self::Reserved(socket), address))
    }

    pub(crate) fn open(self, provider: &Arc<Provider>) -> io::Result<Self> {
        let Self::Reserved(socket) = self else {
            return Ok(self);
        };
        let listener = socket.listen(BACKLOG)?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(listener, Arc::clone(provider), stopped));
        Ok(Self::Open(stop, task))
    }

    /// Closes the port and breaks off every connection; returns when that is done.
    pub(crate) async fn close(self) {
        if let Self::Open(stop, task) = self {
            drop(stop);
            let _ = task.await;
        }
    }
}

async fn serve(listener: TcpListener, provider: Arc<Provider>, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted.expect("connections can be accepted");
                connections.spawn(converse(stream, Arc::clone(&provider)));
            }
            // A long test makes many connections.
            Some(_) = connections.join_next() => {}
            _ = &mut stopped => break,
        }
    }
    drop(listener);
    connections.shutdown().await;
}

/// Answers the requests of one connection.
async fn converse(stream: TcpStream, provider: Arc<Provider>) {
    // Answers are small; waiting to fill a packet would cost 40 ms each.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(Arc::clone(&provider), request));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = (&mut connection).await
        && error.source().is_some_and(<dyn Error>::is::<Reset>)
    {
        let stream = connection.into_parts().io.into_inner();
        // The other side then sees a reset, not an orderly end.
        let _ = stream.set_zero_linger();
    }
}

async fn answer(provider: Arc<Provider>, request: Request<Incoming>) -> Result<Response<Body>, Reset> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(Body::new(body), usize::MAX)
        .await
        .map_err(|_| Reset)?;
    let request = Received::new(head, body);
    let endpoint = provider.endpoint_at(&request.path);
    let fault = provider.receive(endpoint, &request);
    let fault = fault.unwrap_or_else(Fault::none);
    fault.play(|| provider.answer(endpoint, &request)).await
}
