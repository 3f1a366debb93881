//! The page of `escala edge --check`: what an edge with this configuration would do, one line for each part.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use edge::config::{AccessLog, Audience, CacheConfig, Config, Listen, Profile, Rate, Route};
use edge::forwarded::{ForwardedBy, Trust};
use edge::upstream::Address;

use crate::output::number::{counted, grouped};
use crate::output::screen::printable;
use crate::settings::{write_duration, write_rate, write_size};

/// Columns before what is said of a part.
const LABEL_WIDTH: usize = 9;

/// The whole page. Paths in the project are shown from its root.
pub(crate) fn render(config: &Config, project_root: &Path) -> String {
    let mut page = Page { root: project_root, text: "configuration is good\n\n".to_owned() };
    for listen in &config.listen {
        page.line("listen", &page.listen(listen));
    }
    let upstreams: Vec<_> = config.upstreams.iter().map(|address| page.upstream(address)).collect();
    let requests = counted(config.gate.concurrency as u64, "request");
    page.line("ask", &format!("{}, {requests} at once", upstreams.join(" and ")));
    if let Some(health) = &config.health {
        page.line("health", &format!("{} every {}", health.path, write_duration(health.interval)));
    }
    page.line("wait", &wait(config));
    page.line("serve", &format!("with {}", counted(config.threads as u64, "thread")));
    page.line("cache", &cache(&config.cache));
    if let Some(rate) = &config.gate.rate {
        page.line("client", &at_most(rate));
    }
    if let Some(trusted) = trusted(&config.trust) {
        page.line("trust", &trusted);
    }
    for route in &config.routes {
        page.line("route", &format!("{}: {}", route.path, rules(route)));
    }
    for files in &config.statics {
        let lifetime = write_duration(Duration::from_secs(files.lifetime_s));
        page.line(
            "static",
            &format!("{} from {}, for {lifetime}", files.prefix, page.path(&files.directory)),
        );
    }
    match &config.access_log {
        None => {}
        Some(AccessLog::Stdout) => page.line("log", "each request to standard output"),
        Some(AccessLog::File(path)) => page.line("log", &format!("each request to {}", page.path(path))),
    }
    if let Some(admin) = &config.admin {
        let token = if admin.token.is_some() { ", with a token" } else { "" };
        page.line("admin", &format!("orders at {}{token}", page.path(&admin.socket)));
    }
    if let Some(address) = config.metrics {
        page.line("metrics", &format!("at {address}"));
    }
    page.text
}

struct Page<'a> {
    root: &'a Path,
    text: String,
}

impl Page<'_> {
    fn line(&mut self, label: &str, what: &str) {
        // A string takes whatever is written.
        let _ = writeln!(self.text, "{label:LABEL_WIDTH$}{}", printable(what));
    }

    fn path(&self, path: &Path) -> String {
        path.strip_prefix(self.root).unwrap_or(path).display().to_string()
    }

    fn listen(&self, listen: &Listen) -> String {
        let proxy_protocol =
            if listen.proxy_protocol { ", behind a header of the PROXY protocol" } else { "" };
        match &listen.tls {
            None => format!("http://{}/{proxy_protocol}", listen.address),
            Some(tls) => {
                format!("https://{}/ with {}{proxy_protocol}", listen.address, self.path(&tls.certificate))
            }
        }
    }

    fn upstream(&self, address: &Address) -> String {
        match address {
            Address::Unix(path) => format!("unix:{}", self.path(path)),
            tcp @ Address::Tcp(_) => tcp.to_string(),
        }
    }
}

fn wait(config: &Config) -> String {
    let gate = &config.gate;
    let waiting = counted(gate.waiting_max as u64, "request");
    let per_client = grouped(gate.waiting_per_client_max as u64);
    format!("at most {waiting} for {}, {per_client} of one client", write_duration(gate.deadline))
}

fn cache(cache: &CacheConfig) -> String {
    let profile = match cache.profile {
        Profile::Django => "django",
        Profile::Rfc => "rfc",
    };
    let memory = write_size(cache.bytes_max as u64);
    let disk = cache.disk.as_ref().map(|disk| format!(", {} on disk", write_size(disk.bytes_max)));
    let shadow = if cache.is_shadow { "; in the shadow: the app answers everything" } else { "" };
    format!("{memory} in memory{}, profile {profile}{shadow}", disk.unwrap_or_default())
}

fn at_most(rate: &Rate) -> String {
    format!("at most {} for each client", write_rate(rate))
}

fn trusted(trust: &Trust) -> Option<String> {
    let networks = trust.networks.iter().map(ToString::to_string);
    let sockets = trust.unix_sockets.then(|| "Unix sockets".to_owned());
    let who: Vec<_> = networks.chain(sockets).collect();
    let by = match trust.by {
        ForwardedBy::XForwarded => "X-Forwarded-For",
        ForwardedBy::Forwarded => "Forwarded",
    };
    (!who.is_empty()).then(|| format!("{} in {by}", who.join(", ")))
}

fn rules(route: &Route) -> String {
    let mut rules = Vec::new();
    if route.is_passed {
        rules.push("the cache keeps off".to_owned());
    }
    let mut for_so_long = |what: &str, seconds: Option<u64>| {
        rules.extend(seconds.map(|s| format!("{what} {}", write_duration(Duration::from_secs(s)))));
    };
    for_so_long("fresh for", route.lifetime_s);
    for_so_long("stale while it is fetched for", route.while_revalidate_s);
    for_so_long("stale if that fails for", route.if_error_s);
    if route.audience == Audience::Everyone {
        rules.push("the same for everyone".to_owned());
    }
    rules.extend(route.rate.as_ref().map(at_most));
    rules.extend(route.deadline.map(|deadline| format!("waits for {}", write_duration(deadline))));
    if route.has_partial_responses {
        rules.push("parts of JSON by ?fields=".to_owned());
    }
    if route.is_saved {
        rules.push("kept on disk".to_owned());
    }
    if rules.is_empty() { "as every path".to_owned() } else { rules.join("; ") }
}

#[cfg(test)]
mod tests;
