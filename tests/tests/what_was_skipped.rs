//! The last test program of a run: one line that tells which tests could not run, and why.

fn main() {
    // Programs that list or filter tests ask for them first; this is none of those.
    if std::env::args().len() > 1 {
        return;
    }
    #[expect(clippy::print_stderr, reason = "it is for the reader of the output")]
    if let Some(summary) = qapi_test_support::summary() {
        eprintln!("\n{summary}");
    }
}
