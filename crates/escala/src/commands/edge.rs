//! `escala edge`: an HTTP cache and gate before the app.

use std::process::ExitCode;
use std::thread::available_parallelism;

use edge::config::{CacheConfig, Config, Listen, Profile};
use edge::server::Bound;
use edge::upstream::Address as Upstream;

use super::dashboard::Address;
use crate::context::Context;
use crate::exit;
use crate::output::say;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where clients come; may be given several times
    #[arg(long, value_name = "ADDR", required = true)]
    pub(crate) listen: Vec<Address>,
    /// Where the app listens: an address, or `unix:` and the path of a socket
    #[arg(long, value_name = "ADDR", required = true)]
    pub(crate) upstream: Vec<Upstream>,
    /// How the cache behaves: `django`, which never shares what was made for one, or `rfc`, as RFC 9111 has it
    #[arg(long, value_name = "PROFILE", default_value = "django", value_parser = profile)]
    pub(crate) profile: Profile,
    /// Threads that serve [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

fn profile(text: &str) -> Result<Profile, &'static str> {
    match text {
        "django" => Ok(Profile::Django),
        "rfc" => Ok(Profile::Rfc),
        _ => Err("a profile is `django` or `rfc`"),
    }
}

pub(crate) fn run(args: &Args, _context: &Context) -> anyhow::Result<ExitCode> {
    let config = Config {
        listen: args.listen.iter().map(|Address(address)| Listen::plain(*address)).collect(),
        upstreams: args.upstream.clone(),
        threads: args.threads.or_else(|| available_parallelism().ok().map(usize::from)).unwrap_or(1),
        cache: CacheConfig { profile: args.profile, ..CacheConfig::default() },
        ..Config::default()
    };
    let serving = Bound::new(config)?.serve()?;
    for address in &serving.addresses {
        say(&format!("edge: http://{address}/"));
    }
    serving.wait();
    Ok(ExitCode::from(exit::SUCCESS))
}
