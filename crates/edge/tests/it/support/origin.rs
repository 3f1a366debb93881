//! An app that answers as a script says, and remembers what it was asked.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// All bytes of the head.
    pub(crate) head: String,
    /// How many came before it.
    pub(crate) number: usize,
}

impl Request {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

/// What is sent back.
#[derive(Clone, Debug)]
pub(crate) struct Reply(pub(crate) Vec<Step>);

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    Sleep(Duration),
    Wait(Gate),
    Close,
    /// Sends back whatever comes, until the end.
    Echo,
}

impl Reply {
    /// A whole response with a length.
    pub(crate) fn new(status: u16, fields: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut bytes = head(status, fields);
        bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
        bytes.extend_from_slice(body);
        Self(vec![Step::Send(bytes)])
    }

    pub(crate) fn fresh(body: impl AsRef<[u8]>) -> Self {
        Self::new(200, &[("Cache-Control", "max-age=60")], body)
    }

    pub(crate) fn ok(body: impl AsRef<[u8]>) -> Self {
        Self::new(200, &[], body)
    }

    /// A body in chunks, with something between them.
    pub(crate) fn chunked(fields: &[(&str, &str)], chunks: &[&str], between: &Step) -> Self {
        let mut bytes = head(200, fields);
        bytes.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
        let mut steps = vec![Step::Send(bytes)];
        for chunk in chunks {
            steps.push(Step::Send(format!("{:x}\r\n{chunk}\r\n", chunk.len()).into_bytes()));
            steps.push(between.clone());
        }
        steps.push(Step::Send(b"0\r\n\r\n".to_vec()));
        Self(steps)
    }

    pub(crate) fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self(vec![Step::Send(bytes.as_ref().to_vec())])
    }

    pub(crate) fn close() -> Self {
        Self(vec![Step::Close])
    }

    pub(crate) fn after(mut self, step: Step) -> Self {
        self.0.insert(0, step);
        self
    }

    pub(crate) fn then(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }
}

fn head(status: u16, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} Whatever\r\n").into_bytes();
    for (name, value) in fields {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes
}

/// Holds whoever waits for it, until it is opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub(crate) fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let open = self.0.0.lock().unwrap();
        drop(self.0.1.wait_timeout_while(open, Duration::from_secs(20), |open| !*open).unwrap());
    }
}

/// The app.
pub(crate) struct Origin {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Request>>>,
    connections: Arc<Mutex<usize>>,
    listener: TcpListener,
    is_stopped: Arc<AtomicBool>,
}

impl Origin {
    pub(crate) fn start(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let accepting = listener.try_clone().unwrap();
        let script = Arc::new(script);
        let is_stopped = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&is_stopped);
        let (log, count) = (Arc::clone(&asked), Arc::clone(&connections));
        std::thread::spawn(move || {
            for stream in accepting.incoming() {
                let Ok(stream) = stream else { return };
                *count.lock().unwrap() += 1;
                let (script, log, stopped) = (Arc::clone(&script), Arc::clone(&log), Arc::clone(&stopped));
                std::thread::spawn(move || serve(stream, &*script, &log, &stopped));
            }
        });
        Self { address, asked, connections, listener, is_stopped }
    }

    /// Everything that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// Connections that were taken so far.
    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    /// Takes no connection any more, and ends those that there are at their next request.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::SeqCst);
        let _ = rustix::net::shutdown(self.listener.as_fd(), rustix::net::Shutdown::Both);
    }
}

fn serve(
    mut stream: TcpStream,
    script: &(dyn Fn(&Request) -> Reply + Send + Sync),
    log: &Mutex<Vec<Request>>,
    stopped: &AtomicBool,
) {
    let _ = stream.set_nodelay(true);
    let mut input = Vec::new();
    while let Some(mut request) = read(&mut stream, &mut input) {
        if stopped.load(Ordering::SeqCst) {
            return;
        }
        {
            let mut log = log.lock().unwrap();
            request.number = log.len();
            log.push(request.clone());
        }
        for step in script(&request).0 {
            match step {
                Step::Send(bytes) => {
                    if stream.write_all(&bytes).is_err() {
                        return;
                    }
                }
                Step::Sleep(time) => std::thread::sleep(time),
                Step::Wait(gate) => gate.wait(),
                Step::Close => {
                    let _ = stream.shutdown(Shutdown::Both);
                    return;
                }
                Step::Echo => {
                    let mut bytes = [0; 1_024];
                    while let Ok(length @ 1..) = stream.read(&mut bytes) {
                        let _ = stream.write_all(&bytes[..length]);
                    }
                    return;
                }
            }
        }
    }
}

fn read(stream: &mut TcpStream, input: &mut Vec<u8>) -> Option<Request> {
    let end = loop {
        if let Some(at) = input.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        more(stream, input)?;
    };
    let head = String::from_utf8_lossy(&input[..end]).into_owned();
    input.drain(..end);
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let fields: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let mut body = Vec::new();
    if let Some(length) = field("content-length") {
        let length: usize = length.parse().ok()?;
        while input.len() < length {
            more(stream, input)?;
        }
        body = input.drain(..length).collect();
    } else if field("transfer-encoding").is_some() {
        loop {
            if let Ok(Some((data, length))) = edge::http::chunked::decode_all(input) {
                input.drain(..length);
                body = data;
                break;
            }
            more(stream, input)?;
        }
    }
    Some(Request { method, target, fields, body, head, number: 0 })
}

fn more(stream: &mut TcpStream, input: &mut Vec<u8>) -> Option<()> {
    let mut bytes = [0; 8_192];
    let length = stream.read(&mut bytes).ok().filter(|length| *length > 0)?;
    input.extend_from_slice(&bytes[..length]);
    Some(())
}
