//! `escala dashboard`: what a store knows, in the browser.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Command, ExitCode, Stdio};
use std::str::FromStr;

use dashboard::{Bound, Config};

use super::StoreArgs;
use crate::context::Context;
use crate::exit;
use crate::output::say;

/// What opens an address in the user's browser.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Where to listen [default: a port of 127.0.0.1]; off loopback, a token is asked for
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<Address>,
    /// Open it in the browser
    #[arg(long)]
    pub(crate) open: bool,
}

/// An address as it is written on the command line: `127.0.0.1:7357`, `[::1]:7357`, `localhost:7357`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) SocketAddr);

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
        let local = local.map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
        let address = local.map_or_else(|| text.parse(), Ok);
        address.map(Self).map_err(|_| "an address is an IP address and a port, as in 127.0.0.1:7357")
    }
}

/// What is shown of a store.
pub(super) fn config(store: &StoreArgs, context: &Context) -> Config {
    Config {
        store_dir: context.store_dir(&store.dir),
        project_root: context.project_root.clone(),
        store_option: store.as_option(),
    }
}

pub(crate) fn run(args: &Args, context: &Context) -> anyhow::Result<ExitCode> {
    // A store that cannot be read is said to be so here, and not on a page.
    drop(args.store.open(context)?);
    let bound = match args.listen {
        Some(Address(address)) => Bound::at(address)?,
        None => Bound::on_loopback()?,
    };
    let (url, is_open_to_all) = (bound.url(), bound.needs_no_token());
    let serving = dashboard::serve(bound, config(&args.store, context))?;
    say(&format!("dashboard: {url} (stop with Ctrl-C)"));
    if args.open {
        open(&url, is_open_to_all);
    }
    serving.wait();
    Ok(ExitCode::from(exit::SUCCESS))
}

/// A token does not go onto a command line, where every user of the machine can see it.
fn open(url: &str, is_open_to_all: bool) {
    let opened = is_open_to_all && {
        let mut command = Command::new(OPENER);
        command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !opened {
        say("warning: no browser was opened: open the address above in one");
    }
}

#[cfg(test)]
mod tests;
