//! Where the dashboard listens, and who may know: decided before anything is started.

use std::fmt::Write;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

use crate::limits::PORT_DEFAULT;

/// Bytes of a token: more than anybody can try.
const TOKEN_BYTES: usize = 24;

/// An address could not be listened on.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The system refused.
    #[error("cannot listen on {address} for the dashboard")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// No random bytes.
    #[error("cannot make a token for the dashboard: the system gives no random bytes")]
    Token,
}

/// An address that is listened on; connections wait until [`crate::serve`] takes them.
#[derive(Debug)]
pub struct Bound {
    pub(crate) listener: TcpListener,
    pub(crate) address: SocketAddr,
    /// What a client has to know; none on loopback, where only this machine's users come from.
    pub(crate) token: Option<String>,
}

impl Bound {
    /// Listens on loopback: on the default port, or on a free one when that is taken.
    pub fn on_loopback() -> Result<Self, BindError> {
        let address = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        Self::at(address(PORT_DEFAULT)).or_else(|_| Self::at(address(0)))
    }

    /// Listens on an address. One that is not loopback gets a token.
    pub fn at(address: SocketAddr) -> Result<Self, BindError> {
        let refused = |source| BindError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let token = if address.ip().is_loopback() { None } else { Some(token()?) };
        Ok(Self { listener, address, token })
    }

    /// Whether everybody who can connect may read: only users of this machine can.
    pub fn needs_no_token(&self) -> bool {
        self.token.is_none()
    }

    /// Where a browser finds it, with the token when there is one.
    pub fn url(&self) -> String {
        let ip = self.address.ip();
        // The unspecified address stands for all of this machine's, loopback included.
        let host = match ip {
            _ if ip.is_unspecified() => "localhost".to_owned(),
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let token = self.token.as_ref().map(|token| format!("?token={token}")).unwrap_or_default();
        format!("http://{host}:{}/{token}", self.address.port())
    }
}

fn token() -> Result<String, BindError> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|_| BindError::Token)?;
    let mut token = String::new();
    for byte in bytes {
        write!(token, "{byte:02x}").expect("writing to a String cannot fail");
    }
    Ok(token)
}
