//! What a command line says of the server that it starts: where it listens, and how much it does at once.

use std::collections::BTreeMap;

/// A server, as its command line has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// Where a client on this machine reaches it: `127.0.0.1:8000`, or `unix:/run/shop.sock`.
    pub address: String,
    /// Requests that it works on at once; `None` for one that does not know that itself.
    pub at_once: Option<usize>,
}

/// Programs that are known, and what they do when they are told nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    Gunicorn,
    Uvicorn,
    Hypercorn,
    Daphne,
    Granian,
    Waitress,
    Runserver,
}

/// Reads a command line. `environment` is asked for `PORT` and `WEB_CONCURRENCY`, as the servers do. `None` for a command
/// that is no server that is known.
pub fn served(command: &[String], environment: impl Fn(&str) -> Option<String>) -> Option<Served> {
    let (server, words) = find(command)?;
    let options = Options::read(server, words);
    let number = |names: &[&str]| options.last(names).and_then(|value| value.parse::<usize>().ok());
    Some(match server {
        Server::Gunicorn => {
            let port = environment("PORT").map(|port| format!("0.0.0.0:{port}"));
            let bind = options.first(&["-b", "--bind"]).map(str::to_owned).or(port);
            let workers = number(&["-w", "--workers"])
                .or_else(|| environment("WEB_CONCURRENCY").and_then(|count| count.parse().ok()))
                .unwrap_or(1);
            let is_sync =
                options.last(&["-k", "--worker-class"]).is_none_or(|kind| matches!(kind, "sync" | "gthread"));
            let threads = number(&["--threads"]).unwrap_or(1);
            Served {
                address: reachable(bind.as_deref().unwrap_or("127.0.0.1:8000"), 8000),
                at_once: is_sync.then(|| workers.saturating_mul(threads)),
            }
        }
        Server::Uvicorn | Server::Granian => {
            at_host_and_port(&options, &["--host"], &["--port"], &["--uds"], 8000)
        }
        Server::Daphne => at_host_and_port(&options, &["-b", "--bind"], &["-p", "--port"], &["-u"], 8000),
        Server::Hypercorn => {
            let bind = options.first(&["-b", "--bind"]).unwrap_or("127.0.0.1:8000");
            Served { address: reachable(bind, 8000), at_once: None }
        }
        Server::Waitress => {
            let socket = options.last(&["--unix-socket"]).map(|path| format!("unix:{path}"));
            let listen = options.first(&["--listen"]).map(str::to_owned);
            let port = options.last(&["--port"]).map(|port| format!("127.0.0.1:{port}"));
            let address = socket.or(listen).or(port).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
            Served { address: reachable(&address, 8080), at_once: Some(number(&["--threads"]).unwrap_or(4)) }
        }
        Server::Runserver => {
            let address = options.positional.first().map_or("127.0.0.1:8000", |address| address);
            let address = if address.bytes().all(|byte| byte.is_ascii_digit()) {
                format!("127.0.0.1:{address}")
            } else {
                reachable(address, 8000)
            };
            Served { address, at_once: None }
        }
    })
}

/// The server, and the words after its name.
fn find(command: &[String]) -> Option<(Server, &[String])> {
    command.iter().enumerate().find_map(|(at, word)| {
        let name = word.rsplit('/').next().unwrap_or(word);
        let server = match name {
            "gunicorn" => Server::Gunicorn,
            "uvicorn" => Server::Uvicorn,
            "hypercorn" => Server::Hypercorn,
            "daphne" => Server::Daphne,
            "granian" => Server::Granian,
            "waitress-serve" | "waitress" => Server::Waitress,
            "runserver" | "runserver_plus" if at > 0 => Server::Runserver,
            _ => return None,
        };
        Some((server, &command[at + 1..]))
    })
}

struct Options<'a> {
    values: BTreeMap<&'a str, Vec<&'a str>>,
    positional: Vec<&'a str>,
}

/// Options of the servers that are followed by no value, and might stand before one that matters.
const FLAGS: [&str; 16] = [
    "--reload",
    "--preload",
    "--daemon",
    "-D",
    "--noreload",
    "--nothreading",
    "--ipv6",
    "-6",
    "--insecure",
    "--skip-checks",
    "--capture-output",
    "--no-sendfile",
    "--proxy-headers",
    "--access-log",
    "--no-access-log",
    "--nostatic",
];

impl<'a> Options<'a> {
    /// Reads words as the servers do: `--name value`, `--name=value`, `-n value`, `-nvalue`.
    fn read(server: Server, words: &'a [String]) -> Self {
        let mut options = Self { values: BTreeMap::new(), positional: Vec::new() };
        let mut words = words.iter().map(String::as_str).peekable();
        while let Some(word) = words.next() {
            if let Some((name, value)) = word.split_once('=').filter(|_| word.starts_with("--")) {
                options.values.entry(name).or_default().push(value);
            } else if word.starts_with("--") || (word.starts_with('-') && word.len() == 2) {
                let has_value = !FLAGS.contains(&word) && server != Server::Runserver;
                if let Some(value) = words.next_if(|next| has_value && !next.starts_with('-')) {
                    options.values.entry(word).or_default().push(value);
                }
            } else if word.starts_with('-') && word.is_char_boundary(2) {
                options.values.entry(&word[..2]).or_default().push(&word[2..]);
            } else {
                options.positional.push(word);
            }
        }
        options
    }

    fn first(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.values.get(name)?.first().copied())
    }

    fn last(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.values.get(name)?.last().copied())
    }
}

fn at_host_and_port(
    options: &Options<'_>,
    host: &[&str],
    port: &[&str],
    socket: &[&str],
    port_default: u16,
) -> Served {
    if let Some(path) = options.last(socket) {
        return Served { address: format!("unix:{path}"), at_once: None };
    }
    let host = options.last(host).unwrap_or("127.0.0.1");
    let port = options.last(port).map_or_else(|| port_default.to_string(), str::to_owned);
    Served { address: reachable(&format!("{host}:{port}"), port_default), at_once: None }
}

/// An address that is bound, as one that can be connected to: every address of a machine is also its own.
fn reachable(bound: &str, port_default: u16) -> String {
    if bound.starts_with("unix:") || bound.starts_with("fd://") {
        return bound.to_owned();
    }
    let bound = bound.strip_prefix("tcp://").or_else(|| bound.strip_prefix("http://")).unwrap_or(bound);
    let (host, port) = match bound.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => (host, port.to_owned()),
        _ => (bound, port_default.to_string()),
    };
    let host = match host {
        "" | "0.0.0.0" | "*" | "localhost" => "127.0.0.1",
        "[::]" | "::" => "[::1]",
        host => host,
    };
    format!("{host}:{port}")
}

#[cfg(test)]
mod tests;
