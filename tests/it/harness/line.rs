//! The line between a browser and the service, which a test cuts and mends: while it is cut, nothing gets through, whoever asks.

use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A line with an address of its own.
pub struct Line {
    /// `http://127.0.0.1:port`, as the browser sees the service.
    pub base: String,
    whole: watch::Sender<bool>,
    to: Arc<Mutex<String>>,
}

impl Line {
    /// A whole line that leads nowhere yet.
    pub async fn laid() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (whole, held) = watch::channel(true);
        let to = Arc::new(Mutex::new(String::new()));
        let leads = Arc::clone(&to);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let address = leads.lock().unwrap().clone();
                let mut held = held.clone();
                let whole = *held.borrow();
                if whole {
                    tokio::spawn(async move {
                        let cut = async { held.wait_for(|whole| !*whole).await.map(|_| ()) };
                        tokio::select! {
                            () = carry(near, &address) => {}
                            _ = cut => {}
                        }
                    });
                }
            }
        });
        Self { base, whole, to }
    }

    /// Leads to the service at `base`.
    pub fn lead_to(&self, base: &str) {
        *self.to.lock().unwrap() = base.trim_start_matches("http://").to_owned();
    }

    /// Breaks what is open and refuses what is new.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Lets through again.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

async fn carry(mut near: TcpStream, address: &str) {
    if let Ok(mut far) = TcpStream::connect(address).await {
        let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
    }
}
