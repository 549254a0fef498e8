//! A stream that tells how its first read went.
//!
//! An acceptor's refusal arrives as a TLS alert with the first read after the
//! handshake, deep inside hyper, which keeps of it no more than "connection
//! error". This stream passes bytes through and reports that one outcome.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::oneshot,
};

/// How the first read went: bytes came, or the error.
pub(super) type Outcome = io::Result<()>;

/// A stream that tells how its first read went.
#[derive(Debug)]
pub(super) struct FirstRead<S> {
    inner: S,
    report: Option<oneshot::Sender<Outcome>>,
}

impl<S> FirstRead<S> {
    pub(super) fn new(inner: S) -> (Self, oneshot::Receiver<Outcome>) {
        let (report, outcome) = oneshot::channel();
        (Self { inner, report: Some(report) }, outcome)
    }

    fn report(&mut self, outcome: Outcome) {
        if let Some(report) = self.report.take() {
            // Nobody listens any more if the dial timed out.
            let _ = report.send(outcome);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FirstRead<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        match ready!(Pin::new(&mut this.inner).poll_read(cx, buffer)) {
            Ok(()) if buffer.filled().len() > before => this.report(Ok(())),
            Ok(()) => this.report(Err(io::ErrorKind::UnexpectedEof.into())),
            Err(error) => {
                // hyper gets the same kind; the cause goes to the dial.
                let kind = error.kind();
                this.report(Err(error));
                return Poll::Ready(Err(kind.into()));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FirstRead<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}
