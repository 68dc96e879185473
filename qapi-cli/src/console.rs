//! Standard output for results, and standard error for everything else.

use std::env;
use std::io::{self, BufWriter, IsTerminal, Stderr, Stdout, Write};

use clap::{Args, ValueEnum};

mod printable;
mod style;
mod wording;

pub(crate) use printable::{one_line, snippet_text};
pub(crate) use style::{error_word, styled};
pub(crate) use wording::counted;

/// Options of output.
#[derive(Debug, Args)]
pub(crate) struct ConsoleArgs {
    /// Use colours; `auto` uses them on a terminal, unless `NO_COLOR` is set
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        help_heading = "Output"
    )]
    pub(crate) color: ColorWhen,
    /// Print only errors, without warnings and summary
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Output"
    )]
    pub(crate) quiet: bool,
    /// Report progress on standard error
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) verbose: bool,
}

/// Conditions for colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

/// The output streams of the process.
pub(crate) struct Console {
    /// For results.
    pub(crate) stdout: Stream<BufWriter<Stdout>>,
    /// For everything else.
    pub(crate) stderr: Stream<Stderr>,
    /// Print errors only.
    pub(crate) quiet: bool,
    /// Report progress.
    pub(crate) verbose: bool,
}

impl Console {
    /// Returns the streams of this process.
    pub(crate) fn new(args: &ConsoleArgs) -> Self {
        let stdout = io::stdout();
        let stderr = io::stderr();
        let color = |terminal: bool| match args.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => {
                terminal && !no_color() && env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        };
        Self {
            stdout: Stream {
                color: color(stdout.is_terminal()),
                open: true,
                inner: BufWriter::with_capacity(1 << 16, stdout),
            },
            stderr: Stream {
                color: color(stderr.is_terminal()),
                open: true,
                inner: stderr,
            },
            quiet: args.quiet,
            verbose: args.verbose,
        }
    }

    /// Writes a line to standard error, in verbose mode only.
    pub(crate) fn tell(&mut self, line: impl FnOnce() -> String) -> io::Result<()> {
        if self.verbose {
            writeln!(self.stderr, "{}", line())?;
        }
        Ok(())
    }
}

/// Returns true if the user asked programs for plain text (no-color.org).
fn no_color() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// An output stream whose reader may go away. That is not an error; later output is dropped.
pub(crate) struct Stream<W> {
    inner: W,
    open: bool,
    /// Escape sequences for colours are wanted.
    pub(crate) color: bool,
}

impl<W: Write> Stream<W> {
    fn unless_gone<T>(&mut self, dropped: T, result: io::Result<T>) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.open = false;
                Ok(dropped)
            }
            other => other,
        }
    }
}

impl<W: Write> Write for Stream<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.open {
            return Ok(bytes.len());
        }
        let result = self.inner.write(bytes);
        self.unless_gone(bytes.len(), result)
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.open {
            return Ok(());
        }
        let result = self.inner.flush();
        self.unless_gone((), result)
    }
}
