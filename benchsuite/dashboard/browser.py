"""A headless Chromium that looks at the dashboard as a person's would, and keeps the time in the page itself.

It speaks Chromium's debugging protocol over the two pipes of ``--remote-debugging-pipe``: JSON texts that end in a
zero byte.
"""

import json
import os
import shutil
import subprocess
import tempfile

NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]
PATIENCE_S = 30

# Puts the pipes where the browser expects them, descriptors 3 and 4.
WITH_PIPES = 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1'

# Runs in every page before its own scripts: remembers the first frame that shows what the page is for. Milliseconds since the
# navigation began; a frame after it, so that it was painted.
WATCH = """
window.drawn = (sign) => new Promise((done) => {
  const look = () => document.querySelector(sign) && !document.querySelector('.loading')
    ? requestAnimationFrame(() => done(performance.now()))
    : requestAnimationFrame(look);
  look();
});
window.frames_of = (milliseconds) => new Promise((done) => {
  const gaps = [];
  let last = performance.now();
  const end = last + milliseconds;
  const frame = (now) => {
    gaps.push(now - last);
    last = now;
    if (now < end) requestAnimationFrame(frame); else done(gaps.slice(1));
  };
  requestAnimationFrame((now) => { last = now; requestAnimationFrame(frame); });
});
"""


def find():
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page in a window of 1280 by 900."""

    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory(prefix="escala-chromium-", ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            ["sh", "-c", WITH_PIPES, "sh", program]
            # In a container there is nothing to build its sandbox with; it sees our own pages only.
            + ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
            + ["--disable-background-networking", "--disable-extensions", "--remote-debugging-pipe"]
            + [f"--user-data-dir={self.profile.name}", "about:blank"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.session = None
        self.last_id = 0
        self.buffer = b""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Runtime.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        self.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)

    def open(self, url):
        # From one fragment to another a page would stay as it is.
        for address in ("about:blank", url):
            answer = self.call("Page.navigate", url=address)
            if "errorText" in answer:
                raise SystemExit(f"{url}: {answer['errorText']}")

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise SystemExit(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def drawn_ms(self, url, sign):
        """From the navigation to the frame in which the page shows what it is for and waits for nothing more."""
        self.open(url)
        return self.evaluate(f"window.drawn({json.dumps(sign)})")

    def frames_ms(self, seconds):
        """The time from each frame to the next one, as the page sees it."""
        return self.evaluate(f"window.frames_of({seconds * 1000})")

    def call(self, method, **parameters):
        self.last_id += 1
        command = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        self.process.stdin.write(json.dumps(command).encode() + b"\0")
        self.process.stdin.flush()
        while True:
            message = json.loads(self.next_message())
            if message.get("id") != self.last_id:
                continue
            if "error" in message:
                raise SystemExit(f"{method}: {message['error']}")
            return message["result"]

    def next_message(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.process.stdout.fileno(), 1 << 16)
            if not piece:
                raise SystemExit("the browser has ended")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return message

    def close(self):
        self.process.kill()
        self.process.wait(PATIENCE_S)
        self.profile.cleanup()
