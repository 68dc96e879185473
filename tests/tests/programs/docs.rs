//! The reference of real schemas: pages are well-formed, links lead somewhere, nothing stays out, examples are true.

mod site;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use qapi_codegen::docgen::{Examples, Format, Printed, ReferencePrinter};
use qapi_parser::ir::{CommandId, Doc, EventId, Schema};
use qapi_parser::source::Disk;
use qapi_test_pages::{Words, add_words, words_by_definition};
use qapi_tests::Scratch;
use qapi_tests::examples::Message;
use qapi_tests::{conforms, corpus, examples};

fn load(path: &Path) -> Schema {
    let loaded = qapi_parser::load(path, &Disk, &qapi_parser::Options::default());
    loaded
        .schema
        .unwrap_or_else(|| panic!("{} has errors", path.display()))
}

fn print(schema: &Schema, format: Format) -> Printed {
    ReferencePrinter::new(format)
        .title("Reference")
        .print(schema)
        .expect("paths are plain and different")
}

/// The reference of a schema, printed once for all tests that look at it.
struct Reference {
    name: String,
    schema: Schema,
    html: OnceLock<Printed>,
    markdown: OnceLock<Printed>,
    manual: OnceLock<Printed>,
}

impl Reference {
    fn new(path: &Path) -> Self {
        Self {
            name: path.display().to_string(),
            schema: load(path),
            html: OnceLock::new(),
            markdown: OnceLock::new(),
            manual: OnceLock::new(),
        }
    }

    fn html(&self) -> &Printed {
        self.html.get_or_init(|| print(&self.schema, Format::Html))
    }

    fn markdown(&self) -> &Printed {
        self.markdown
            .get_or_init(|| print(&self.schema, Format::Markdown))
    }

    fn manual(&self) -> &Printed {
        self.manual.get_or_init(|| print(&self.schema, Format::Man))
    }
}

/// The references of all schemas that there are: those of the corpus, and ours.
fn references() -> &'static [Reference] {
    static REFERENCES: OnceLock<Vec<Reference>> = OnceLock::new();
    let Some(corpus) = corpus::root() else {
        return &[];
    };
    REFERENCES.get_or_init(|| {
        let mut paths = Vec::new();
        for version in ["7.2", "10.0", "10.2"] {
            paths.extend(corpus::roots(&corpus, version));
        }
        for revision in corpus::GUEST_AGENT_REVISIONS {
            paths.push(corpus.join("seeds").join(format!("qga-{revision}.json")));
            paths.push(corpus::guest_agent(revision));
        }
        paths.push(corpus::guest_agent("current"));
        paths.iter().map(|path| Reference::new(path)).collect()
    })
}

fn qmp(version: &str) -> Option<Schema> {
    let corpus = corpus::root()?;
    Some(load(&corpus::roots(&corpus, version)[0]))
}

#[test]
fn pages_are_well_formed_and_links_lead_somewhere() {
    for reference in references() {
        let problems = site::problems(&reference.html().output);
        assert!(problems.is_empty(), "{}: {problems:#?}", reference.name);
    }
}

#[test]
fn the_checks_find_what_they_look_for() {
    let page = |body: &str| {
        format!(
            "<!DOCTYPE html><html lang=en><head><title>t</title></head><body><main><h1>t</h1>{body}</main></body></html>"
        )
    };
    for (body, problem) in [
        ("<p><div></div></p>", "a.html: not well-formed"),
        (
            "<i id=x></i><i id=x></i>",
            "a.html: two elements have the id x",
        ),
        ("<a href=b.html>b</a>", "a.html: b.html leads nowhere"),
        ("<a href=a.html#y>b</a>", "a.html: a.html#y leads nowhere"),
        ("<a href='#z'>b</a>", "a.html: #z leads nowhere"),
        ("<h3>x</h3>", "a.html: h3 follows h1"),
        ("<input>", "a.html: an input has no label"),
        ("<button></button>", "a.html: a button has no name"),
        (
            "<img src=http://a.example/>",
            "a.html: http://a.example/ is not part of the site",
        ),
    ] {
        let problems = site::problems_of_pages(&[("a.html", page(body).as_str())]);
        assert!(
            problems.iter().any(|found| found.starts_with(problem)),
            "{body}: {problems:?}"
        );
    }
    let good = page("<h2 id=x>x</h2><a href='#x'>x</a> <a href=a.html>a</a>");
    assert!(site::problems_of_pages(&[("a.html", &good)]).is_empty());
}

#[test]
fn all_markup_of_real_schemas_is_understood() {
    for reference in references() {
        assert_eq!(reference.html().unknown.kinds(), [], "{}", reference.name);
    }
}

#[test]
fn every_definition_has_its_place_in_every_format() {
    for reference in references() {
        let Reference { name, schema, .. } = reference;
        let site = &reference.html().output;
        let markdown = &reference.markdown().output;
        let manual = &reference.manual().output;
        let pages: String = site.files().map(|(_, text)| text).collect();
        let texts: String = markdown.files().map(|(_, text)| text).collect();
        let manual: String = manual.files().map(|(_, text)| text).collect();
        // The texts are long: they are read once, not for each definition.
        let mut sections: BTreeMap<&str, usize> = BTreeMap::new();
        for rest in pages.split("<section class=\"definition\" id=\"").skip(1) {
            let id = rest.split("\">").next().unwrap_or_default();
            *sections.entry(id).or_default() += 1;
        }
        let headings: BTreeSet<(&str, &str)> = texts
            .split("# `")
            .skip(1)
            .filter_map(|rest| {
                let (definition, rest) = rest.split_once("`\n\n_")?;
                Some((definition, rest.split_once('_')?.0))
            })
            .collect();
        let lines: BTreeSet<&str> = manual.lines().collect();
        let commands = schema
            .commands
            .iter()
            .map(|it| (it.name.as_str(), "command"));
        let events = schema.events.iter().map(|it| (it.name.as_str(), "event"));
        for (definition, word) in commands.chain(events) {
            assert_eq!(sections.get(definition), Some(&1), "{name}: {definition}");
            assert!(
                headings.contains(&(definition, word)),
                "{name}: {definition}"
            );
            let title = format!(".SS \"{} ({word})\"", definition.replace('-', "\\-"));
            assert!(lines.contains(title.as_str()), "{name}: {definition}");
        }
    }
}

#[test]
fn links_in_markdown_lead_somewhere() {
    for reference in references() {
        let problems = site::markdown_problems(&reference.markdown().output);
        assert!(problems.is_empty(), "{}: {problems:#?}", reference.name);
    }
}

#[test]
fn made_examples_fit_the_schema() {
    for Reference { name, schema, .. } in references() {
        let made = Examples::new(schema);
        for (id, command) in (0..).map(CommandId).zip(&schema.commands) {
            let mut messages = vec![Message::Sent(made.request(id).unwrap_or_else(|| {
                panic!("{name}: {} has no example", command.name);
            }))];
            messages.extend(made.reply(id).map(Message::Received));
            let result = examples::check(schema, &messages);
            assert_eq!(result, Ok(()), "{name}: {}: {messages:?}", command.name);
        }
        for (id, event) in (0..).map(EventId).zip(&schema.events) {
            let text = made
                .event(id)
                .expect("events of real schemas have examples");
            let message: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
            assert_eq!(message["event"], event.name);
            let data = message.get("data").cloned().unwrap_or_default();
            if let Some(ty) = event.arguments {
                let data = if data.is_null() {
                    serde_json::json!({})
                } else {
                    data
                };
                assert_eq!(conforms::check(schema, ty, &data), Ok(()), "{name}: {text}");
            }
        }
    }
}

#[test]
fn manual_pages_are_formatted_without_complaint() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    for reference in references() {
        let name = &reference.name;
        let output = &reference.manual().output;
        let (_, page) = output.files().next().expect("there is a page");
        assert!(
            page.contains("\n.nh\n.ad l\n"),
            "{name}: names may be broken"
        );
        let child = Command::new("groff")
            .args(["-man", "-Tutf8", "-ww", "-z"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else {
            return qapi_tests::skip("no groff");
        };
        let mut input = child.stdin.take().expect("it is piped");
        input.write_all(page.as_bytes()).expect("groff reads");
        drop(input);
        let output = child.wait_with_output().expect("groff ends");
        let complaints = String::from_utf8_lossy(&output.stderr);
        // A word that is longer than a line cannot be broken; that is not a fault of the page.
        let complaints: Vec<_> = complaints
            .lines()
            .filter(|line| {
                !line.contains("cannot adjust line") && !line.contains("cannot break line")
            })
            .collect();
        assert!(complaints.is_empty(), "{name}: {complaints:#?}");
    }
}

#[test]
fn old_headings_and_examples_are_read() {
    let Some(schema) = qmp("7.2") else {
        return;
    };
    let output = print(&schema, Format::Html).output;
    let page = output
        .get("block-core.html")
        .expect("there is such a module");
    assert!(page.contains("<h1>Block core (VM unrelated)</h1>"));
    let start = page.find("id=\"query-block\"").expect("it is there");
    let section = &page[start..];
    let section = &section[..section.find("</section>").expect("it ends")];
    assert!(section.contains("<figure class=\"example\"><pre class=\"wire\">"));
    assert!(!section.contains("Example:"));
}

/// The words of a doc comment that readers are to see: all but those that only tell how to show others.
fn words_to_show(doc: &Doc) -> Words {
    let mut words = Words::new();
    let named = doc.members.iter().chain(&doc.features);
    let named = named.flat_map(|it| [it.name.as_str(), it.text.as_str()]);
    let sections = doc.sections.iter().map(|section| section.text.as_str());
    let texts = [doc.body.text.as_str()]
        .into_iter()
        .chain(named)
        .chain(sections);
    for line in texts.flat_map(str::lines) {
        add_words(&text_of_line(line.trim()), &mut words);
    }
    words
}

/// Visible text of a line of markup: without marks of lists, names of directives, options and roles, and targets.
fn text_of_line(line: &str) -> String {
    let is_hidden = line.starts_with(".. _")
        || [":annotated:", ":widths:"]
            .iter()
            .any(|option| line.starts_with(option));
    if is_hidden {
        return String::new();
    }
    let line = match line.strip_prefix(".. ").and_then(|it| it.split_once("::")) {
        Some((_, argument)) => argument,
        None => line.strip_prefix(":title: ").unwrap_or(line),
    };
    let numbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let line = match numbered.strip_prefix(['.', ')']) {
        Some(item) if numbered.len() < line.len() && item.starts_with(' ') => item,
        _ => line,
    };
    let mut shown = String::new();
    for (index, piece) in line.split('`').enumerate() {
        let is_reference = index % 2 == 1;
        let piece = match piece.split_once(" <") {
            Some((title, target)) if is_reference && target.ends_with('>') => title,
            _ => piece,
        };
        let is_mark = |c: char| c.is_ascii_alphanumeric() || c == ':' || c == '-';
        let role = piece.len() - piece.trim_end_matches(is_mark).len();
        let (text, role) = piece.split_at(piece.len() - role);
        let is_role =
            !is_reference && role.starts_with(':') && role.ends_with(':') && role.len() > 1;
        shown.push_str(text);
        shown.push_str(if is_role { "" } else { role });
        shown.push(' ');
    }
    shown
}

/// The words that a page should have and has not.
fn lost(wanted: &Words, shown: &Words) -> Vec<String> {
    let missing = wanted
        .iter()
        .filter(|(word, count)| shown.get(*word).copied().unwrap_or_default() < **count);
    missing.map(|(word, _)| word.clone()).collect()
}

#[test]
fn no_word_of_the_documentation_is_lost() {
    let mut problems = Vec::new();
    for reference in references() {
        let Reference { name, schema, .. } = reference;
        let output = &reference.html().output;
        let mut definitions = BTreeMap::new();
        let mut pages = Vec::new();
        for (file, text) in output.files() {
            let is_page = Path::new(file).extension().is_some_and(|it| it == "html");
            if is_page && file != "all.html" {
                let mut words = words_by_definition(text);
                pages.push(words.remove("").expect("a page has text"));
                definitions.extend(words);
            }
        }
        for doc in &schema.docs {
            let wanted = words_to_show(doc);
            let missing = match &doc.symbol {
                Some(symbol) => {
                    let shown = definitions.get(symbol);
                    lost(
                        &wanted,
                        shown.unwrap_or_else(|| panic!("{name}: no {symbol}")),
                    )
                }
                None => pages
                    .iter()
                    .map(|shown| lost(&wanted, shown))
                    .min_by_key(Vec::len)
                    .expect("there are pages"),
            };
            if !missing.is_empty() {
                let first = doc.body.text.lines().next();
                let place = doc.symbol.as_deref().or(first).unwrap_or_default();
                problems.push(format!("{name}: {place}: lost {missing:?}"));
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// The files of the site that `qapi docs` makes of revisions.
fn site_of(revisions: &[PathBuf]) -> BTreeMap<String, String> {
    let folder = Scratch::new();
    let mut arguments: Vec<OsString> = vec!["qapi".into(), "-q".into(), "docs".into()];
    arguments.extend(revisions.iter().map(Into::into));
    arguments.extend(["--out-dir".into(), folder.path().into()]);
    assert_eq!(qapi_cli::run(arguments), qapi_cli::Status::Clean);
    site::files_in(folder.path())
}

#[test]
fn pages_of_revisions_lead_to_each_other() {
    let mut histories = vec![
        corpus::GUEST_AGENT_REVISIONS
            .iter()
            .map(|revision| corpus::guest_agent(revision))
            .collect::<Vec<_>>(),
    ];
    if let Some(corpus) = corpus::root() {
        let of_qmp = |version: &&str| corpus::roots(&corpus, version)[0].clone();
        histories.push(["7.2", "10.0", "10.2"].iter().map(of_qmp).collect());
    }
    for revisions in histories {
        let files = site_of(&revisions);
        let pages: Vec<_> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let problems = site::problems_of_pages(&pages);
        assert!(problems.is_empty(), "{revisions:?}: {problems:#?}");
    }
}

#[test]
fn revisions_are_shown_at_descriptions() {
    let revisions: Vec<_> = corpus::GUEST_AGENT_REVISIONS
        .iter()
        .map(|revision| corpus::guest_agent(revision))
        .collect();
    let files = site_of(&revisions);
    // What the page of a revision says of one definition, or of one part of it.
    let entry = |page: &str, id: &str| {
        let text = &files[page];
        let start = text.find(&format!(" id=\"{id}\">"))?;
        let (text, end) = (
            &text[start..],
            if id.contains(':') {
                "</dt>"
            } else {
                "</section>"
            },
        );
        Some(text[..text.find(end).expect("it ends")].to_owned())
    };
    for (page, id, life) in [
        ("2.5.html", "guest-get-time", None),
        (
            "2.5.html",
            "guest-set-time:time",
            Some("optional since 2.3"),
        ),
        (
            "1.5/1.5.html",
            "guest-set-time:time",
            Some("mandatory until 1.5"),
        ),
        ("2.5.html", "GuestDiskBusType:sas", Some("since 2.4")),
        ("2.5.html", "GuestDiskBusType:ide", None),
        ("2.4/2.4.html", "GuestDiskBusType:sas", Some("since 2.4")),
        (
            "2.5.html",
            "GuestAgentCommandInfo:success-response",
            Some("since 2.3"),
        ),
        ("2.5.html", "GuestAgentCommandInfo:name", None),
        ("2.5.html", "guest-fstrim", Some("new in 1.5")),
    ] {
        let text = entry(page, id).unwrap_or_else(|| panic!("{page} has no {id}"));
        let told = text.split("<span class=\"badge life\">").nth(1);
        let told = told.map(|rest| &rest[..rest.find("</span>").expect("it ends")]);
        assert_eq!(told, life, "{page}: {id}");
    }
    assert!(entry("2.4/2.4.html", "guest-exec").is_none());
    let fstrim = entry("2.5.html", "guest-fstrim").expect("it is there");
    let reply =
        "GuestFilesystemTrimResponse</a></code> <span class=\"badge life\">since 2.4</span>";
    assert!(fstrim.contains(reply), "{fstrim}");
    let changes = &files["2.4/changes.html"];
    assert!(changes.contains("<h2>New structs</h2>") && changes.contains("new: the reply"));
    assert!(
        !files.contains_key("1.1/changes.html"),
        "nothing was before it"
    );
}

#[test]
fn interfaces_share_a_site_and_lead_to_each_other() {
    let folder = Scratch::new();
    let mut arguments: Vec<OsString> = ["qapi", "-q", "docs", "--title", "All of it"]
        .map(Into::into)
        .into();
    let mut add = |name: &str, schema: &Path| {
        let mut interface = OsString::from(format!("{name}="));
        interface.push(schema);
        arguments.extend(["--interface".into(), interface]);
    };
    for revision in ["1.1", "2.5"] {
        add("Guest agent", &corpus::guest_agent(revision));
    }
    if let Some(corpus) = corpus::root() {
        let roots = corpus::roots(&corpus, "10.2");
        for (name, schema) in ["QMP", "Real agent", "Storage daemon"].iter().zip(&roots) {
            add(name, schema);
        }
    }
    add("Another agent", &corpus::guest_agent("1.5"));
    arguments.extend(["--out-dir".into(), folder.path().into()]);
    assert_eq!(qapi_cli::run(arguments.clone()), qapi_cli::Status::Clean);
    let files = site::files_in(folder.path());
    let pages: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    assert_eq!(site::problems_of_pages(&pages), Vec::<String>::new());
    let front = &files["index.html"];
    for (name, file) in [
        ("Guest agent", "Guest-agent/index.html"),
        ("Another agent", "Another-agent/index.html"),
    ] {
        assert!(front.contains(file) && front.contains(name), "{front}");
        assert!(files.contains_key(file));
    }
    assert!(files.contains_key("Guest-agent/1.1/index.html"));
    assert!(files["Guest-agent/1.1/1.1.html"].contains("href=\"../../Another-agent/index.html\""));
    arguments.push("--check".into());
    assert_eq!(qapi_cli::run(arguments), qapi_cli::Status::Clean);
    // What an interface leaves behind when it goes is cleared away.
    let mut fewer: Vec<OsString> = ["qapi", "-q", "docs", "--interface"].map(Into::into).into();
    let mut interface = OsString::from("Another agent=");
    interface.push(corpus::guest_agent("1.5"));
    fewer.extend([interface, "--out-dir".into(), folder.path().into()]);
    assert_eq!(qapi_cli::run(fewer), qapi_cli::Status::Clean);
    assert!(
        site::files_in(folder.path())
            .keys()
            .all(|path| !path.starts_with("Guest-agent"))
    );
}

/// Reads an inventory as Sphinx does, and prints its objects.
const READ_INVENTORY: &str = "
import sys, zlib
with open(sys.argv[1], 'rb') as file:
    assert file.readline() == b'# Sphinx inventory version 2\\n'
    assert file.readline().startswith(b'# Project: ')
    assert file.readline().startswith(b'# Version: ')
    assert b'zlib' in file.readline()
    sys.stdout.buffer.write(zlib.decompress(file.read()))
";

#[test]
fn other_documents_find_every_definition_by_the_inventory() {
    let folder = Scratch::new();
    let schema = corpus::guest_agent("current");
    let mut arguments: Vec<OsString> = ["qapi", "-q", "docs", "--out-dir"].map(Into::into).into();
    arguments.extend([folder.path().into(), OsString::from(&schema)]);
    assert_eq!(qapi_cli::run(arguments), qapi_cli::Status::Clean);
    let objects = Command::new("python3")
        .args(["-c", READ_INVENTORY])
        .arg(folder.join("objects.inv"))
        .output()
        .expect("there is Python");
    assert!(objects.status.success(), "{objects:?}");
    let objects = String::from_utf8(objects.stdout).expect("it is text");
    let files = site::files_in(folder.path());
    let mut found = BTreeMap::new();
    for line in objects.lines() {
        let [name, kind, _, address, _] = line.splitn(5, ' ').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let (file, anchor) = address.split_once('#').unwrap_or((address, ""));
        let page = files
            .get(file)
            .unwrap_or_else(|| panic!("no page for {line}"));
        let anchor = anchor.replace('$', name);
        assert!(
            anchor.is_empty() || page.contains(&format!("id=\"{anchor}\"")),
            "{line}"
        );
        *found.entry(kind.to_owned()).or_insert(0) += 1;
    }
    let schema = load(&schema);
    assert_eq!(found["qapi:command"], schema.commands.len());
    let definitions: usize = found
        .iter()
        .filter(|(kind, _)| !matches!(kind.as_str(), "qapi:module" | "std:label"))
        .map(|(_, count)| count)
        .sum();
    assert_eq!(found["std:label"], definitions);
}

#[test]
fn the_same_schema_gives_the_same_pages() {
    let Some(schema) = qmp("10.2") else {
        return;
    };
    for format in [Format::Html, Format::Markdown, Format::Man] {
        assert_eq!(print(&schema, format).output, print(&schema, format).output);
    }
}
