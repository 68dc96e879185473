//! A browser without a window, driven over the `WebDriver` protocol: as much of that as the tests need.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Scratch;

/// Limit for anything; only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(180);

/// A browser with one page; it ends when dropped.
#[derive(Debug)]
pub struct Browser {
    driver: Driver,
    session: String,
}

/// The program that drives the browser.
#[derive(Debug)]
struct Driver {
    process: Child,
    port: u16,
    /// Cookies, storage and cache.
    profile: Scratch,
}

/// Screen and preferences of the browser's user.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// The system is set to dark colours.
    pub dark: bool,
    /// It is a phone.
    pub phone: bool,
}

impl Browser {
    /// Starts Debian's chromium; none where it is not installed.
    ///
    /// # Panics
    /// If it is installed but does not start.
    pub fn start(screen: Screen) -> Option<Self> {
        let driver = Driver::start()?;
        let options = options(screen, driver.profile.path());
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": PATIENCE.as_millis() },
        } } });
        let session = driver.request("POST", "/session", Some(&capabilities));
        let session = session["sessionId"].as_str().expect("a session has an id");
        let session = format!("/session/{session}");
        Some(Self { driver, session })
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let path = format!("{}/{path}", self.session);
        self.driver.request("POST", &path, Some(body))
    }

    /// Opens a file.
    pub fn open(&self, path: &Path, fragment: &str) {
        let url = format!("file://{}{fragment}", path.display());
        self.post("url", &json!({ "url": url }));
    }

    /// Runs the body of a function in the page.
    pub fn run(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Runs the body of a function in the page and waits for the promise that it returns.
    pub fn run_async(&self, script: &str) -> Value {
        let script = format!(
            "const done = arguments[0]; (async () => {{ {script} }})().then(done, (error) => done(String(error)));"
        );
        self.post("execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Waits until an expression is true in the page.
    ///
    /// # Panics
    /// If it does not become true.
    pub fn wait(&self, expression: &str) {
        let start = Instant::now();
        while self.run(&format!("return !!({expression})")) != Value::Bool(true) {
            assert!(start.elapsed() < PATIENCE, "never true: {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Presses and releases one key after the other.
    pub fn press(&self, keys: &str) {
        let strokes: Vec<_> = keys
            .chars()
            .flat_map(|key| {
                ["keyDown", "keyUp"]
                    .map(|stroke| json!({ "type": stroke, "value": key.to_string() }))
            })
            .collect();
        self.post(
            "actions",
            &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] }),
        );
    }

    /// Lines that the page wrote to its console since the last call, errors of loading included.
    pub fn console(&self) -> Vec<String> {
        let entries = self.post("se/log", &json!({ "type": "browser" }));
        let entries = entries.as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .map(|entry| entry["message"].to_string())
            .collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends its browser with the session; it is ended itself right after.
        let _ = self.driver.exchange("DELETE", &self.session, None);
    }
}

fn options(screen: Screen, profile: &Path) -> Value {
    let mut arguments: Vec<String> = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.push(format!("--window-size={},{}", screen.width, screen.height));
    if screen.dark {
        arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
    }
    let mut options = json!({ "args": arguments });
    if screen.phone {
        options["mobileEmulation"] = json!({ "deviceMetrics": {
            "width": screen.width, "height": screen.height, "pixelRatio": 2 } });
    }
    options
}

impl Driver {
    fn start() -> Option<Self> {
        // A port that was free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0")
            .ok()?
            .local_addr()
            .ok()?
            .port();
        let process = Command::new("chromedriver")
            .args([format!("--port={port}"), "--log-level=OFF".to_owned()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let driver = Self {
            process,
            port,
            profile: Scratch::new(),
        };
        let start = Instant::now();
        while driver.exchange("GET", "/status", None).is_err() {
            assert!(start.elapsed() < PATIENCE, "chromedriver does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(driver)
    }

    fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let answer = self.exchange(method, path, body);
        let answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let value = answer["value"].clone();
        assert!(value["error"].is_null(), "{method} {path}: {value}");
        value
    }

    fn exchange(&self, method: &str, path: &str, body: Option<&Value>) -> std::io::Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        )?;
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.trim_end().to_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut bytes = vec![0; length];
        reader.read_exact(&mut bytes)?;
        serde_json::from_slice(&bytes).map_err(std::io::Error::other)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
