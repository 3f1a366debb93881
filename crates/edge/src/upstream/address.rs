//! Where the app listens.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use tokio::net::{TcpStream, UnixStream};

use crate::stream::Stream;

/// An address of the app.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// As in `127.0.0.1:8000`.
    Tcp(SocketAddr),
    /// As in `unix:/run/shop.sock`.
    Unix(PathBuf),
}

impl Address {
    /// Connects.
    ///
    /// # Errors
    /// As the operating system says.
    pub async fn connect(&self) -> io::Result<Stream> {
        match self {
            Self::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
            Self::Unix(path) => UnixStream::connect(path).await.map(Stream::Unix),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(formatter),
            Self::Unix(path) => write!(formatter, "unix:{}", path.display()),
        }
    }
}

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("unix:") {
            return if path.is_empty() {
                Err("`unix:` is followed by the path of a socket")
            } else {
                Ok(Self::Unix(path.into()))
            };
        }
        let text = text.strip_prefix("http://").map_or(text, |text| text.trim_end_matches('/'));
        let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        let address = local.as_deref().unwrap_or(text).parse();
        address
            .map(Self::Tcp)
            .map_err(|_| "the app's address is an IP address and a port, or unix:/path/of/its/socket")
    }
}
