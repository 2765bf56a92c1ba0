//! The thread on which requests are sent and answers come in. Whatever else the process is busy with, a request is not
//! kept waiting for it, nor is whoever waits for its place.

use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::Error;

/// The way to the thread, which ends when this is dropped.
pub(crate) struct Wire {
    handle: Handle,
    _open: oneshot::Sender<()>,
}

impl Wire {
    pub(crate) fn start() -> Result<Self, Error> {
        let setup = |error: std::io::Error| Error::Setup(error.to_string());
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(setup)?;
        let handle = runtime.handle().clone();
        let (open, closed) = oneshot::channel::<()>();
        thread::Builder::new()
            .name("outbound".to_owned())
            .spawn(move || {
                // It ends with an error when the way is dropped, which is what is waited for.
                let _dropped = runtime.block_on(closed);
                runtime.shutdown_background();
            })
            .map_err(setup)?;
        Ok(Self { handle, _open: open })
    }

    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Error> {
        let mut task = Task(self.handle.spawn(work));
        (&mut task.0).await.map_err(|error| Error::Lost {
            host: "the other side".to_owned(),
            cause: error.to_string(),
        })
    }
}

/// Ends with whoever waits for it.
struct Task<T>(JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
