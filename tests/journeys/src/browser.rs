//! A headless Chromium, driven as a person would: looked at, clicked, typed at.
//!
//! It speaks Chromium's debugging protocol over the two pipes of `--remote-debugging-pipe`: JSON texts that end in a
//! zero byte.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::required;

/// Longest wait for an answer of the browser, and for a page to become what is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Puts the pipes where the browser expects them, descriptors 3 and 4, and takes its standard ones away.
const WITH_PIPES: &str = "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1";

/// The browser, with one page.
pub struct Browser {
    child: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    session: Option<String>,
    last_id: u64,
    complaints: Vec<String>,
    requested: Vec<String>,
    _profile: TempDir,
}

impl Browser {
    /// Starts the browser that `ESCALA_TEST_CHROMIUM` names.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start() -> Self {
        let profile = TempDir::with_prefix("escala-chromium-").expect("a temporary directory");
        let mut child = Command::new("sh")
            .args(["-c", WITH_PIPES, "sh", &required("ESCALA_TEST_CHROMIUM")])
            // In a container there is nothing to build its sandbox with; it sees our own pages only.
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-extensions"])
            .args(["--hide-scrollbars", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell starts");
        let commands = child.stdin.take().expect("standard input is a pipe");
        let messages = receive(child.stdout.take().expect("standard output is a pipe"));
        let mut browser = Self {
            child,
            commands,
            messages,
            session: None,
            last_id: 0,
            complaints: Vec::new(),
            requested: Vec::new(),
            _profile: profile,
        };
        browser.open_page();
        browser
    }

    fn open_page(&mut self) {
        let target = self.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.call("Target.attachToTarget", &attach);
        self.session = Some(attached["sessionId"].as_str().expect("a session").to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), &json!({}));
        }
    }

    /// Makes the window that large, in CSS pixels, and says which colours the system prefers.
    pub fn show_as(&mut self, width: u32, height: u32, colors: &str) {
        let window = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", &window);
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": colors}]});
        self.call("Emulation.setEmulatedMedia", &media);
    }

    /// Opens an address, as in a new tab: from one fragment to another a page would stay as it is for a while.
    ///
    /// # Panics
    /// When nobody answers there.
    pub fn open(&mut self, url: &str) {
        for url in ["about:blank", url] {
            let opened = self.call("Page.navigate", &json!({"url": url}));
            assert!(opened.get("errorText").is_none(), "{url}: {opened}");
        }
    }

    /// The value of an expression in the page.
    ///
    /// # Panics
    /// When it throws.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", &parameters);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression in the page is true. While a page gives way to the next one, nothing is.
    ///
    /// # Panics
    /// When it does not become so.
    pub fn wait_for(&mut self, expression: &str) {
        let parameters = json!({"expression": format!("Boolean({expression})"), "returnByValue": true});
        let started = Instant::now();
        while !self
            .try_call("Runtime.evaluate", &parameters)
            .is_ok_and(|answer| answer["result"]["value"] == true)
        {
            if started.elapsed() > PATIENCE {
                let text = self.evaluate("document.body.innerText");
                panic!(
                    "never came true: {expression}\nthe page says: {text}\nit complains: {:?}",
                    self.complaints
                );
            }
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// Waits until the page shows a text.
    pub fn wait_for_text(&mut self, text: &str) {
        self.wait_for(&format!("document.body.innerText.includes({})", json!(text)));
    }

    /// Clicks in the middle of the first element that a selector finds, once there is one and nothing lies over it.
    pub fn click(&mut self, selector: &str) {
        let place = format!(
            "(() => {{ const element = document.querySelector({}); if (!element) return null; \
             element.scrollIntoView({{block: 'center'}}); \
             const {{x, y, width, height}} = element.getBoundingClientRect(); \
             const middle = [x + width / 2, y + height / 2]; const hit = document.elementFromPoint(...middle); \
             return element.contains(hit) || hit?.contains(element) ? middle : null }})()",
            json!(selector)
        );
        self.wait_for(&format!("window.clicked = {place}"));
        let at = self.evaluate("window.clicked");
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Presses a key: a letter, or a name as `Enter`.
    pub fn press(&mut self, key: &str) {
        let (text, code) = match key {
            "Enter" => ("\r", 13),
            "Escape" => ("", 27),
            letter => (letter, 0),
        };
        let event = |kind| json!({"type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", &event("keyDown"));
        self.call("Input.dispatchKeyEvent", &event("keyUp"));
    }

    /// A picture of what the window shows, as WebP.
    ///
    /// # Panics
    /// When the browser gives none.
    pub fn picture(&mut self) -> Vec<u8> {
        let picture = self.call("Page.captureScreenshot", &json!({"format": "webp", "quality": 80}));
        decode_base64(picture["data"].as_str().expect("a picture"))
    }

    /// What went wrong in the pages so far: exceptions, errors on the console, refused requests, broken policies.
    pub fn complaints(&mut self) -> &[String] {
        self.catch_up();
        &self.complaints
    }

    /// Addresses that the pages asked for so far.
    pub fn requested(&mut self) -> &[String] {
        self.catch_up();
        &self.requested
    }

    /// An event that is on its way arrives before the answer to a command.
    fn catch_up(&mut self) {
        self.evaluate("0");
    }

    fn note(&mut self, event: &Value) {
        let parameters = &event["params"];
        let level = match event["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                let url = parameters["request"]["url"].as_str().unwrap_or_default();
                return self.requested.push(url.to_owned());
            }
            "Runtime.exceptionThrown" => "error",
            "Runtime.consoleAPICalled" => parameters["type"].as_str().unwrap_or_default(),
            "Log.entryAdded" => parameters["entry"]["level"].as_str().unwrap_or_default(),
            _ => return,
        };
        if matches!(level, "error" | "warning" | "assert") {
            self.complaints.push(parameters.to_string());
        }
    }

    /// Sends a command and waits for its answer.
    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.try_call(method, parameters).unwrap_or_else(|refusal| panic!("{method}: {refusal}"))
    }

    /// The answer, or the reason why the browser has none.
    fn try_call(&mut self, method: &str, parameters: &Value) -> Result<Value, Value> {
        self.last_id += 1;
        let mut command = json!({"id": self.last_id, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        self.commands.write_all(&bytes).expect("the browser listens");
        let until = Instant::now() + PATIENCE;
        loop {
            let message = match self.messages.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => panic!("the browser does not answer {method}"),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("the browser has ended before it answered {method}")
                }
            };
            if message["id"] == self.last_id {
                return message.get("error").cloned().map_or_else(|| Ok(message["result"].clone()), Err);
            }
            self.note(&message);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the browser's messages as they come.
fn receive(pipe: ChildStdout) -> Receiver<Value> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for message in BufReader::new(pipe).split(0) {
            let Ok(message) = message else { return };
            let message = serde_json::from_slice(&message).expect("the browser sends JSON");
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}

fn decode_base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for symbol in text.bytes() {
        let value = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'z' => symbol - b'a' + 26,
            b'0'..=b'9' => symbol - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}
