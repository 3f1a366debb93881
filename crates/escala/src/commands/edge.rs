//! `escala edge`: an HTTP cache and gate before the app.

mod orders;
mod serving;

use std::process::ExitCode;

use edge::config::Profile;
use edge::limits::{CONCURRENCY_MAX, THREADS_MAX};
use edge::upstream::Address as Upstream;

use super::dashboard::Address;
use crate::context::Context;
use crate::exit;
use crate::output::{self, text};
use crate::settings::edge::{Overrides, load};

pub(crate) use serving::{Following, Prepared, prepare};

#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "What is not said here is taken from [edge] in escala.toml. SIGHUP reads it anew; SIGTERM and Ctrl-C \
                  answer what was asked, and end."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) order: Option<orders::Order>,
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
    /// Only look whether the configuration is good, and say what would be done
    #[arg(long)]
    pub(crate) check: bool,
}

/// What can be said in the place of `escala.toml`.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ServeArgs {
    /// Where clients come, in the place of `listen`; may be given several times
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Vec<Address>,
    /// Where the app listens, an address or `unix:` and the path of a socket, in the place of `upstream`; may be given
    /// several times
    #[arg(long, value_name = "ADDR")]
    pub(crate) upstream: Vec<Upstream>,
    /// How the cache behaves: `django`, which never shares what was made for one, or `rfc`, as RFC 9111 has it
    #[arg(long, value_name = "PROFILE", value_parser = profile)]
    pub(crate) profile: Option<Profile>,
    /// Threads that serve [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = |text: &str| count(text, THREADS_MAX))]
    pub(crate) threads: Option<usize>,
    /// Requests in the app at once: its workers, times the threads of each
    #[arg(long, value_name = "N", value_parser = |text: &str| count(text, CONCURRENCY_MAX))]
    pub(crate) workers: Option<usize>,
    /// Let the app answer everything, and only report what the cache would have answered
    #[arg(long)]
    pub(crate) shadow: bool,
}

fn profile(text: &str) -> Result<Profile, &'static str> {
    match text {
        "django" => Ok(Profile::Django),
        "rfc" => Ok(Profile::Rfc),
        _ => Err("a profile is `django` or `rfc`"),
    }
}

fn count(text: &str, most: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| format!("it takes a number from 1 to {most}"))
}

pub(crate) fn run(args: &Args, context: &Context) -> anyhow::Result<ExitCode> {
    if let Some(order) = &args.order {
        return orders::run(order, context);
    }
    let overrides = args.serve.overrides();
    let config = load(&context.project_root, &overrides)?;
    if args.check {
        output::print(&text::edge_config::render(&config, &context.project_root))?;
        return Ok(ExitCode::from(exit::SUCCESS));
    }
    serving::serve(config, overrides, context)
}

impl ServeArgs {
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides {
            listen: self.listen.iter().map(|Address(address)| *address).collect(),
            upstreams: self.upstream.clone(),
            profile: self.profile,
            threads: self.threads,
            workers: self.workers,
            is_shadow: self.shadow,
            found: None,
        }
    }
}
