//! `escala edge`: an HTTP cache and gate before the app.

use std::process::ExitCode;

use edge::config::Profile;
use edge::limits::{CONCURRENCY_MAX, THREADS_MAX};
use edge::server::Bound;
use edge::upstream::Address as Upstream;

use super::dashboard::Address;
use crate::context::Context;
use crate::exit;
use crate::output::{self, say, text};
use crate::settings::edge::{Overrides, load};

#[derive(Debug, clap::Args)]
#[command(after_help = "What is not said here is taken from [edge] in escala.toml.")]
pub(crate) struct Args {
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
    /// Only look whether the configuration is good, and say what would be done
    #[arg(long)]
    pub(crate) check: bool,
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
    let config = load(&context.project_root, &overrides(args))?;
    if args.check {
        output::print(&text::edge::render(&config, &context.project_root))?;
        return Ok(ExitCode::from(exit::SUCCESS));
    }
    let schemes: Vec<_> =
        config.listen.iter().map(|listen| if listen.tls.is_some() { "https" } else { "http" }).collect();
    let serving = Bound::new(config)?.serve()?;
    for (scheme, address) in schemes.iter().zip(&serving.addresses) {
        say(&format!("edge: {scheme}://{address}/"));
    }
    serving.wait();
    Ok(ExitCode::from(exit::SUCCESS))
}

fn overrides(args: &Args) -> Overrides {
    Overrides {
        listen: args.listen.iter().map(|Address(address)| *address).collect(),
        upstreams: args.upstream.clone(),
        profile: args.profile,
        threads: args.threads,
        workers: args.workers,
        is_shadow: args.shadow,
    }
}
