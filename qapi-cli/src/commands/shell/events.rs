//! Prints events on the terminal of the shell when they arrive.

use std::thread;

use qapi_runtime::client::Events;
use qapi_runtime::{Any, ClientEvent};
use rustyline::ExternalPrinter;

use crate::connection::{self, reply};
use crate::console::{error_word, one_line};
use crate::status::Failure;

/// Prints above the line that is being typed.
pub(super) type Printer = Box<dyn ExternalPrinter + Send>;

/// Starts a thread that prints each event when it comes, and the end of the connection.
///
/// # Errors
/// The system has no thread left.
pub(super) fn show(mut events: Events, mut printer: Printer, color: bool) -> Result<(), Failure> {
    let print = move || {
        loop {
            let (text, is_last) = match events.next_within(None) {
                Ok(Some(event)) => (line(&event), false),
                Ok(None) => continue,
                Err(error) => {
                    let word = error_word(color);
                    (format!("{word}: {}\n", connection::failure(&error)), true)
                }
            };
            // Without a terminal there is no reader.
            if printer.print(text).is_err() || is_last {
                return;
            }
        }
    };
    thread::Builder::new()
        .name("qapi events".to_owned())
        .spawn(print)
        .map_err(|error| Failure::new(format_args!("cannot start a thread: {error}")))?;
    Ok(())
}

/// Returns an event as a line.
pub(super) fn line(event: &ClientEvent) -> String {
    match event {
        ClientEvent::Event(event) => {
            let data = reply::json(&Any::from(event.data()), true);
            format!("event: {} {data}", one_line(event.name()))
        }
        ClientEvent::Missed(count) => format!("missed {count} events\n"),
        _ => String::new(),
    }
}
