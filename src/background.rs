//! Tasks that run beside everything else until they are told to stop.

use std::{future::Future, time::Duration};

use tokio::{sync::watch, task::JoinHandle};

/// The running tasks.
#[derive(Default)]
pub struct Background {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// What a task asks whether it shall stop.
#[derive(Clone)]
pub struct Stopped(watch::Receiver<bool>);

impl Background {
    /// Starts a task. It ends soon once `Stopped` says so. Needs a running tokio.
    pub fn run<F: Future<Output = ()> + Send + 'static>(&mut self, task: impl FnOnce(Stopped) -> F) {
        self.tasks.push(tokio::spawn(task(Stopped(self.stop.subscribe()))));
    }

    /// Tells every task to stop, without waiting for it.
    pub fn tell(&self) {
        self.stop.send_replace(true);
    }

    /// Stops every task and waits until each has ended.
    pub async fn stop(self) {
        self.tell();
        for task in self.tasks {
            if task.await.is_err() {
                tracing::error!("a background task ended badly");
            }
        }
    }
}

impl Stopped {
    /// Waits, unless it is time to stop. Says whether to go on.
    pub async fn pause(&mut self, time: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => !*self.0.borrow(),
            () = self.told() => false,
        }
    }

    /// Waits until it is time to stop.
    pub async fn told(&mut self) {
        // Whoever would tell is gone only when everything stops.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}
