//! Messages from the logs of other programs.

use std::io::{self, BufRead, Write};

use qapi_runtime::wire::{Event, Lexer};

use crate::recorder::{Arrival, Recorder};
use crate::recording::Direction;

mod log_lines;
mod log_time;

use log_lines::Lines;

/// Formats of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// libvirt's log of the qemu driver: `QEMU_MONITOR_SEND_MSG`, `QEMU_MONITOR_RECV_REPLY`, `QEMU_MONITOR_RECV_EVENT`.
    Libvirt,
    /// QEMU's log of the trace events `handle_qmp_command` and `monitor_qmp_respond`.
    Qemu,
    /// The debug log of QEMU's Python library: `-->` and `<--` with indented JSON.
    Python,
    /// `socat -v`: lines that begin with `>` and `<`, data after them.
    Socat,
}

/// Counts of imported items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// Messages.
    pub messages: u64,
    /// Places where a message is expected but missing.
    pub unreadable: u64,
    /// The line of the first of these; 0 if there is none.
    pub first_unreadable: u64,
}

/// The start of a message in a log.
struct Start<'l> {
    direction: Direction,
    /// A text that identifies the connection.
    connection: &'l str,
    /// Microseconds since 1970.
    time: Option<u64>,
    /// The rest of the line, which begins with the message.
    text: &'l [u8],
}

/// Reads a log to its end. Lines without messages are passed over.
///
/// # Errors
/// The log cannot be read, or the recording not be written.
pub fn read(
    format: Format,
    log: impl BufRead,
    recorder: &mut Recorder<impl Write>,
) -> io::Result<Imported> {
    let mut lines = Lines::new(log);
    let mut import = Import {
        recorder,
        connections: Vec::new(),
        lexer: Lexer::default(),
        imported: Imported::default(),
        open: None,
    };
    if format == Format::Socat {
        return import.socat(&mut lines);
    }
    while let Some((number, line)) = lines.next()? {
        match start(format, line) {
            Some(start) => import.begin(number, &start)?,
            None => import.go_on(number, line)?,
        }
    }
    import.finish();
    Ok(import.imported)
}

fn start(format: Format, line: &[u8]) -> Option<Start<'_>> {
    match format {
        Format::Libvirt => libvirt(line),
        Format::Qemu => qemu(line),
        Format::Python => python(line),
        Format::Socat => None,
    }
}

/// Returns the text between `before` and the next blank.
fn word_after<'l>(line: &'l [u8], before: &str) -> Option<(&'l str, &'l [u8])> {
    let (_, rest) = split(line, before)?;
    let end = rest
        .iter()
        .position(|&byte| byte == b' ')
        .unwrap_or(rest.len());
    let word = std::str::from_utf8(&rest[..end]).ok()?;
    Some((word, &rest[end..]))
}

/// Returns the line before and after the first `text` in it.
fn split<'l>(line: &'l [u8], text: &str) -> Option<(&'l [u8], &'l [u8])> {
    let text = text.as_bytes();
    let at = line.windows(text.len()).position(|window| window == text)?;
    Some((&line[..at], &line[at + text.len()..]))
}

/// `2026-11-29 09:09:48.123+0000: 42: info : qemuMonitorSend:864 : QEMU_MONITOR_SEND_MSG: mon=0x7f msg={…}`
fn libvirt(line: &[u8]) -> Option<Start<'_>> {
    let (direction, key) = [
        ("QEMU_MONITOR_SEND_MSG: ", Direction::ToServer, " msg="),
        ("QEMU_MONITOR_RECV_REPLY: ", Direction::ToClient, " reply="),
        ("QEMU_MONITOR_RECV_EVENT: ", Direction::ToClient, " event="),
    ]
    .into_iter()
    .find_map(|(word, direction, key)| split(line, word).map(|_| (direction, key)))?;
    let (connection, rest) = word_after(line, "mon=")?;
    let (_, text) = split(rest, key)?;
    Some(Start {
        direction,
        connection,
        time: log_time::libvirt(line),
        text,
    })
}

/// `42@1764407388.123456:handle_qmp_command mon 0x7f req: {…}`; QEMU writes process and time only where it was built to.
fn qemu(line: &[u8]) -> Option<Start<'_>> {
    let (direction, (before, rest), key) = [
        ("handle_qmp_command mon ", Direction::ToServer, " req: "),
        ("monitor_qmp_respond mon ", Direction::ToClient, " resp: "),
    ]
    .into_iter()
    .find_map(|(word, direction, key)| Some((direction, split(line, word)?, key)))?;
    let (mon, text) = split(rest, key)?;
    Some(Start {
        direction,
        connection: std::str::from_utf8(mon).ok()?.trim(),
        time: log_time::qemu(before),
        text,
    })
}

/// `DEBUG:qemu.qmp.protocol.name:--> {`, in whichever format the program logs.
fn python(line: &[u8]) -> Option<Start<'_>> {
    let (direction, (before, text)) = [
        ("--> {", Direction::ToServer),
        ("<-- {", Direction::ToClient),
    ]
    .into_iter()
    .find_map(|(arrow, direction)| Some((direction, split(line, arrow)?)))?;
    let brace = line.len() - text.len() - 1;
    let connection = word_after(before, "qemu.qmp.").map_or("", |(name, _)| name);
    Some(Start {
        direction,
        connection: connection.trim_end_matches(':'),
        time: log_time::libvirt(line),
        text: &line[brace..],
    })
}

struct Import<'r, W> {
    recorder: &'r mut Recorder<W>,
    /// The connections, in the order of their first message.
    connections: Vec<Box<str>>,
    lexer: Lexer,
    imported: Imported,
    /// The place of a message that continues in the next line.
    open: Option<(u64, Arrival)>,
}

impl<W: Write> Import<'_, W> {
    /// Returns the number of a connection. If there are too many, the rest share the last number.
    fn client(&mut self, connection: &str) -> u64 {
        const MOST: usize = 4096;
        let known = self.connections.iter().position(|it| **it == *connection);
        let index = known.unwrap_or_else(|| {
            if self.connections.len() < MOST {
                self.connections.push(connection.into());
            }
            self.connections.len() - 1
        });
        index as u64 + 1
    }

    fn begin(&mut self, number: u64, start: &Start<'_>) -> io::Result<()> {
        self.finish();
        let arrival = Arrival {
            time: start.time,
            client: self.client(start.connection),
            direction: start.direction,
        };
        self.lexer.reset();
        self.open = Some((number, arrival));
        self.go_on(number, start.text)
    }

    /// Takes the next line of an open message.
    fn go_on(&mut self, number: u64, line: &[u8]) -> io::Result<()> {
        let Some((_, arrival)) = self.open else {
            return Ok(());
        };
        let mut text = line;
        match self.lexer.feed(&mut text) {
            None => {}
            Some(Event::Document(document)) => {
                self.imported.messages += 1;
                self.open = None;
                self.recorder.message(arrival, document.strict())?;
            }
            Some(Event::Error(_) | Event::Sentinel) => {
                self.open = None;
                self.fault(number);
            }
        }
        Ok(())
    }

    /// Gives up what is open.
    fn finish(&mut self) {
        if let Some((number, _)) = self.open.take() {
            self.fault(number);
        }
    }

    fn fault(&mut self, number: u64) {
        self.imported.unreadable += 1;
        if self.imported.first_unreadable == 0 {
            self.imported.first_unreadable = number;
        }
    }

    /// Data after lines such as `> 2026/11/29 09:09:48.000123456  length=35 from=0 to=34`, that many bytes.
    fn socat(mut self, lines: &mut Lines<impl BufRead>) -> io::Result<Imported> {
        let mut lexers = [Lexer::default(), Lexer::default()];
        let mut block: Option<(Arrival, u64)> = None;
        while let Some((number, mut line)) = lines.next()? {
            while !line.is_empty() {
                let Some((arrival, left)) = block.filter(|(_, left)| *left > 0) else {
                    block = socat(line).or(block);
                    break;
                };
                let (data, rest) = unescaped(line, left);
                line = rest;
                block = Some((arrival, left - data.len() as u64));
                let lexer = &mut lexers[usize::from(arrival.direction == Direction::ToClient)];
                let mut text = data.as_slice();
                while let Some(event) = lexer.feed(&mut text) {
                    match event {
                        Event::Document(document) => {
                            self.imported.messages += 1;
                            self.recorder.message(arrival, document.strict())?;
                        }
                        Event::Error(_) => self.fault(number),
                        Event::Sentinel => {}
                    }
                }
            }
        }
        Ok(self.imported)
    }
}

/// Parses a line before data. Returns the number of bytes that follow.
fn socat(line: &[u8]) -> Option<(Arrival, u64)> {
    let (direction, rest) = match line {
        [b'>', b' ', rest @ ..] => (Direction::ToServer, rest),
        [b'<', b' ', rest @ ..] => (Direction::ToClient, rest),
        _ => return None,
    };
    let (length, _) = word_after(rest, " length=")?;
    let arrival = Arrival {
        time: log_time::socat(rest),
        client: 1,
        direction,
    };
    Some((arrival, length.parse().ok()?))
}

/// Data as they were, at most `most` bytes, and the rest of the line. Control characters are escaped in the dump,
/// except line ends; non-ASCII characters are lost.
fn unescaped(line: &[u8], most: u64) -> (Vec<u8>, &[u8]) {
    let mut data = Vec::with_capacity(line.len());
    let mut bytes = line.iter();
    while (data.len() as u64) < most
        && let Some(&byte) = bytes.next()
    {
        data.push(match byte {
            b'\\' => match bytes.next() {
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(b'a') => 7,
                Some(b'b') => 8,
                Some(b'v') => 11,
                Some(b'f') => 12,
                Some(&other) => other,
                None => b'\\',
            },
            other => other,
        });
    }
    (data, bytes.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::Masks;

    fn imported(format: Format, log: &str) -> (Vec<String>, Imported) {
        let mut recorder = Recorder::new(Vec::new(), Masks::default());
        let imported = read(format, log.as_bytes(), &mut recorder).expect("it is in memory");
        let text = String::from_utf8(recorder.into_inner()).expect("recordings are text");
        (text.lines().map(str::to_owned).collect(), imported)
    }

    #[test]
    fn logs_of_libvirt_are_read() {
        let log = "\
2026-11-29 09:09:48.123+0000: 42: debug : virThing:1 : nothing
2026-11-29 09:09:48.123+0000: 42: info : qemuMonitorSend:864 : QEMU_MONITOR_SEND_MSG: mon=0x7f msg={\"execute\":\"stop\",\"id\":\"libvirt-1\"}\r
 fd=-1
2026-11-29 09:09:48.124+0000: 43: info : qemuMonitorJSONIOProcessLine:206 : QEMU_MONITOR_RECV_EVENT: mon=0x7f event={\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"STOP\"}
2026-11-29 09:09:48.124+0000: 43: info : qemuMonitorJSONIOProcessLine:210 : QEMU_MONITOR_RECV_REPLY: mon=0x80 reply={\"return\": {}, \"id\": \"libvirt-1\"}
2026-11-29 09:09:48.124+0000: 43: info : x : QEMU_MONITOR_RECV_REPLY: mon=0x80 reply={\"return\": 
2026-11-29 09:09:48.124+0000: 43: info : x : QEMU_MONITOR_SEND_MSG: mon=0x80 msg={\"execute\":\"set_password\",\"arguments\":{\"password\":\"hunter2\"}}\r
";
        let (lines, counts) = imported(Format::Libvirt, log);
        assert_eq!(
            lines[..3],
            [
                r#"{"time": 1795943388.123000, "client": 1, "direction": "to-server", "message": {"execute": "stop", "id": "libvirt-1"}}"#,
                r#"{"time": 1795943388.124000, "client": 1, "direction": "to-client", "message": {"timestamp": {"seconds": 1, "microseconds": 2}, "event": "STOP"}}"#,
                r#"{"time": 1795943388.124000, "client": 2, "direction": "to-client", "message": {"return": {}, "id": "libvirt-1"}}"#,
            ]
        );
        assert!(!lines[3].contains("hunter2"), "{}", lines[3]);
        assert_eq!(
            (counts.messages, counts.unreadable, counts.first_unreadable),
            (4, 1, 6)
        );
    }

    #[test]
    fn traces_of_qemu_are_read_with_and_without_times() {
        let log = "\
42@1764407388.000007:monitor_qmp_respond mon 0x55 resp: {\"QMP\": {}}
handle_qmp_command mon 0x55 req: {\"execute\": \"stop\"}
monitor_qmp_in_band_enqueue mon 0x55 ...
42@1764407388.000009:monitor_qmp_respond mon 0x55 resp: {\"return\": {}}
";
        let (lines, counts) = imported(Format::Qemu, log);
        assert_eq!(
            lines,
            [
                r#"{"time": 1764407388.000007, "client": 1, "direction": "to-client", "message": {"QMP": {}}}"#,
                r#"{"client": 1, "direction": "to-server", "message": {"execute": "stop"}}"#,
                r#"{"time": 1764407388.000009, "client": 1, "direction": "to-client", "message": {"return": {}}}"#,
            ]
        );
        assert_eq!((counts.messages, counts.unreadable), (3, 0));
    }

    #[test]
    fn logs_of_python_span_lines() {
        let log = "\
DEBUG:qemu.qmp.protocol.vm:Transitioning from 'Runstate.IDLE'
DEBUG:qemu.qmp.qmp_client.vm:<-- {
  \"QMP\": {
    \"capabilities\": []
  }
}
DEBUG:qemu.qmp.qmp_client.vm:--> {
  \"execute\": \"stop\"
}
";
        let (lines, counts) = imported(Format::Python, log);
        assert_eq!(
            lines,
            [
                r#"{"client": 1, "direction": "to-client", "message": {"QMP": {"capabilities": []}}}"#,
                r#"{"client": 1, "direction": "to-server", "message": {"execute": "stop"}}"#,
            ]
        );
        assert_eq!((counts.messages, counts.unreadable), (2, 0));
    }

    #[test]
    fn dumps_of_socat_are_joined() {
        let log = "\
> 2026/11/29 09:09:48.000123456  length=26 from=0 to=25
{\"execute\":\"human-monitor-> 2026/11/29 09:09:48.000223  length=66 from=26 to=91
command\",\"arguments\":{\"command-line\":\"info version\\\\n\"},\\r
 \"id\":1}
< 2026/11/29 09:09:49.000000323  length=16 from=0 to=15
{\"return\": {}}\\r
";
        let (lines, counts) = imported(Format::Socat, log);
        assert_eq!(
            lines,
            [
                r#"{"time": 1795943388.000223, "client": 1, "direction": "to-server", "message": {"execute": "human-monitor-command", "arguments": {"command-line": "info version\n"}, "id": 1}}"#,
                r#"{"time": 1795943389.000323, "client": 1, "direction": "to-client", "message": {"return": {}}}"#,
            ]
        );
        assert_eq!((counts.messages, counts.unreadable), (2, 0));
    }

    #[test]
    fn other_logs_have_no_messages() {
        for format in [Format::Libvirt, Format::Qemu, Format::Python, Format::Socat] {
            let (lines, counts) = imported(format, "a\n\u{1}\nmon= msg=\n--> \n> \n");
            assert!(lines.is_empty(), "{lines:?}");
            assert_eq!(counts, Imported::default());
        }
    }
}
