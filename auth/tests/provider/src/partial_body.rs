//! A body that begins and does not end.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Bytes;
use hyper::body::{Body, Frame};

pub(crate) struct PartialBody {
    start: Option<Bytes>,
    then: Then,
}

enum Then {
    /// Hyper only sends what it has when the body makes it wait: an error at once would take the start with it.
    Pause,
    BreakOff,
    Stall,
}

impl PartialBody {
    /// Sends `start` and closes the connection.
    pub(crate) fn broken_off(start: Bytes) -> Self {
        let start = Some(start);
        Self {
            start,
            then: Then::Pause,
        }
    }

    /// Sends `start` and leaves the connection open.
    pub(crate) fn stalled(start: Bytes) -> Self {
        let start = Some(start);
        Self {
            start,
            then: Then::Stall,
        }
    }
}

impl Body for PartialBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(start) = self.start.take() {
            return Poll::Ready(Some(Ok(Frame::data(start))));
        }
        match self.then {
            Then::Pause => {
                self.then = Then::BreakOff;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Then::BreakOff => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
            Then::Stall => Poll::Pending,
        }
    }
}
