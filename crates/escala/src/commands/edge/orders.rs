//! Orders for an edge that is at work, over its socket.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::context::Context;
use crate::exit;
use crate::output;
use crate::settings::edge::{Overrides, load};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Order {
    /// Drop what is stored, or make it stale
    Purge(Purge),
    /// Show what the cache would have served, while it is in the shadow
    Shadow(Socket),
    /// Show how the edge does, as JSON
    Status(Socket),
}

#[derive(Debug, clap::Args)]
#[group(id = "what", required = true, multiple = true, args = ["url", "path", "tag", "all"])]
pub(crate) struct Purge {
    /// All versions of a URL; may be given several times
    #[arg(long, value_name = "URL")]
    url: Vec<String>,
    /// All versions of a path, whatever its host and its query; may be given several times
    #[arg(long, value_name = "/PATH")]
    path: Vec<String>,
    /// Everything that the app gave a tag, in Surrogate-Key or Cache-Tag; may be given several times
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Everything
    #[arg(long)]
    all: bool,
    /// Make it stale instead of dropping it: it is still there when the app is not
    #[arg(long)]
    soft: bool,
    #[command(flatten)]
    socket: Socket,
}

/// Where the edge takes orders.
#[derive(Debug, clap::Args)]
pub(crate) struct Socket {
    /// Socket of the edge [default: `socket` of [edge.admin] in escala.toml]
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// File with the token that orders carry [default: `token_file` of [edge.admin] in escala.toml]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

pub(super) fn run(order: &Order, context: &Context) -> anyhow::Result<ExitCode> {
    let answer = match order {
        Order::Purge(purge) => purge.socket.send(context, "POST /purge", &purge.orders())?,
        Order::Shadow(socket) => socket.send(context, "GET /shadow", "")?,
        Order::Status(socket) => socket.send(context, "GET /status", "")?,
    };
    output::print(&answer)?;
    Ok(ExitCode::from(exit::SUCCESS))
}

impl Purge {
    fn orders(&self) -> String {
        let prefix = if self.soft { "soft " } else { "" };
        let mut orders = String::new();
        for (word, values) in [("url", &self.url), ("path", &self.path), ("tag", &self.tag)] {
            for value in values {
                let _ = writeln!(orders, "{prefix}{word} {value}");
            }
        }
        if self.all {
            let _ = writeln!(orders, "{prefix}all");
        }
        orders
    }
}

impl Socket {
    fn send(&self, context: &Context, request: &str, orders: &str) -> anyhow::Result<String> {
        let admin = match &self.socket {
            Some(_) => None,
            None => load(&context.project_root, &Overrides::nowhere())?.admin,
        };
        let path = self.socket.as_deref().or(admin.as_ref().map(|admin| &*admin.socket));
        let Some(path) = path else {
            bail!(
                "no edge takes orders here: name a `socket` in [edge.admin] of escala.toml, or give --socket"
            )
        };
        let token = match &self.token_file {
            Some(file) => Some(
                fs::read_to_string(file)
                    .with_context(|| format!("cannot read {}", file.display()))?
                    .trim()
                    .to_owned(),
            ),
            None => admin.as_ref().and_then(|admin| admin.token.clone()),
        };
        let (status, answer) = edge::admin::send(path, request, token.as_deref(), orders)
            .with_context(|| format!("no edge takes orders at {}", path.display()))?;
        if status == 200 { Ok(answer) } else { bail!("the edge refuses: {}", answer.trim()) }
    }
}
