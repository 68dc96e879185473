//! Includes and pragmas (docs/reference/language.md §3): which file is meant, and what can go wrong.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

use qapi_parser::diag::Anchor;
use qapi_parser::source::{Disk, Files, Memory};
use qapi_parser::{Dialect, Loaded, limits, load};

#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

use loading::{load_files, options};

/// Diagnostics as `FILE:LINE[:COLUMN] CODE`.
fn places(loaded: &Loaded) -> Vec<String> {
    let show = |anchor: &Anchor| match anchor {
        Anchor::File(path) => path.clone(),
        Anchor::Line(span) => {
            let path = &loaded.sources.file(span.file).path;
            format!("{path}:{}", loaded.sources.position(*span).line)
        }
        Anchor::Point(span) => {
            let path = &loaded.sources.file(span.file).path;
            let at = loaded.sources.position(*span);
            format!("{path}:{}:{}", at.line, at.column)
        }
    };
    let found = &loaded.diagnostics;
    found
        .iter()
        .map(|it| format!("{} {}", show(&it.anchor), it.code))
        .collect()
}

#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(places(&load_files(files, Dialect::Strict)), expected);
}

#[test]
fn directive_has_one_key_and_a_string() {
    check(
        &[("r.json", "\n{ 'include': 'a.json', 'event': 'A' }\n")],
        &["r.json:2 INC-EXTRA"],
    );
    check(
        &[("r.json", "{ 'include': [ 'a.json' ] }\n")],
        &["r.json:1 INC-TYPE"],
    );
    check(
        &[("r.json", "{ 'include': {}, 'x': true }\n")],
        &["r.json:1 INC-EXTRA"],
    );
    check(
        &[("r.json", "{ 'pragma': {}, 'include': 'a.json' }\n")],
        &["r.json:1 INC-EXTRA"],
    );
}

#[test]
fn files_that_cannot_be_read_are_found_at_the_directive() {
    check(
        &[
            ("d/r.json", "{ 'include': 's/a.json' }\n"),
            (
                "d/s/a.json",
                "\n{ 'include': '../gone.json' }\n{ 'include': '' }\n",
            ),
        ],
        &["d/s/a.json:2 INC-READ", "d/s/a.json:3 INC-READ"],
    );
    let loaded = load_files(
        &[("d/r.json", "{ 'include': 'gone.json' }\n")],
        Dialect::Auto,
    );
    assert_eq!(
        loaded.diagnostics[0].message,
        "cannot read `d/gone.json`: No such file or directory"
    );
}

#[test]
fn unreadable_root_is_reported_with_its_path() {
    let loaded = load(
        Path::new("./gone.json"),
        &Memory::new(),
        &options(Dialect::Strict),
    );
    assert_eq!(places(&loaded), ["./gone.json FILE-READ"]);
    assert!(loaded.schema.is_none());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let loaded = load(folder, &Disk, &options(Dialect::Strict));
    assert_eq!(loaded.diagnostics[0].code.as_str(), "FILE-READ");
}

#[test]
fn text_must_be_utf_8() {
    let files = Memory::new().with("r.json", b"# \xff\n".to_vec());
    let loaded = load(Path::new("r.json"), &files, &options(Dialect::Auto));
    assert_eq!(places(&loaded), ["r.json FILE-READ"]);
    assert_eq!(
        loaded.diagnostics[0].message,
        "cannot read `r.json`: not UTF-8, line 1 holds byte 0xff"
    );
    let files = Memory::new()
        .with("r.json", "{'include':'a'}\n")
        .with("a", b"#\n\n# \xc3(\n".to_vec());
    let loaded = load(Path::new("r.json"), &files, &options(Dialect::Auto));
    assert_eq!(places(&loaded), ["r.json:1 INC-READ"]);
    assert!(loaded.diagnostics[0].message.contains("line 3"));
}

#[test]
fn size_of_a_file_has_a_limit() {
    let limit = usize::try_from(limits::FILE_BYTES).unwrap();
    let fits = vec![b'#'; limit];
    let files = Memory::new()
        .with("r.json", "{'include':'fits'}{'include':'large'}")
        .with("large", [&fits[..], b"#"].concat())
        .with("fits", [b"# ", &fits[2..]].concat());
    let loaded = load(Path::new("r.json"), &files, &options(Dialect::Strict));
    assert_eq!(places(&loaded), ["r.json:1 LIMIT-SIZE"]);
    let loaded = load(Path::new("large"), &files, &options(Dialect::Strict));
    assert_eq!(places(&loaded), ["large LIMIT-SIZE"]);
}

#[cfg(target_os = "linux")]
#[test]
fn endless_files_end_at_the_limit() {
    let loaded = load(Path::new("/dev/zero"), &Disk, &options(Dialect::Auto));
    assert_eq!(places(&loaded), ["/dev/zero LIMIT-SIZE"]);
}

#[test]
fn loops_are_found_however_the_path_is_written() {
    check(
        &[("r.json", "{ 'include': './x/../r.json' }\n")],
        &["r.json:1 INC-LOOP"],
    );
    check(
        &[
            ("d/r.json", "{ 'include': 'a.json' }\n"),
            ("d/a.json", "{ 'include': '../d/b.json' }\n"),
            (
                "d/../d/b.json",
                "\n{ 'include': '/d/a.json' }\n{ 'include': 'r.json' }\n",
            ),
        ],
        &["d/../d/b.json:2 INC-LOOP", "d/../d/b.json:3 INC-LOOP"],
    );
}

#[test]
fn file_is_read_once() {
    let text = "{ 'event': 'A' }\n";
    let loaded = load_files(
        &[
            (
                "r.json",
                "{'include':'a.json'}{'include':'./a.json'}{'include':'b.json'}",
            ),
            ("a.json", text),
            ("b.json", "{'include':'a.json'}{'include':'sub/../a.json'}"),
        ],
        Dialect::Strict,
    );
    assert_eq!(places(&loaded), [""; 0]);
    assert_eq!(loaded.sources.files().count(), 3);
    let schema = loaded.schema.unwrap();
    assert_eq!(schema.includes.len(), 5);
    assert_eq!(schema.events.len(), 1);
}

#[test]
fn paths_are_shown_as_opened() {
    check(
        &[
            ("/q/../r.json", "{ 'include': 'a//b.json' }\n"),
            ("/q/../a//b.json", "{ 'include': '../a/./c.json' }\n"),
            ("/q/../a/../a/./c.json", "{ 'include': '/d.json' }\n"),
            ("/d.json", "\n}\n"),
        ],
        &["/d.json:2:1 SYN-EXPR"],
    );
    let loaded = load_files(
        &[
            ("/q/../r.json", "{ 'include': 'a//b.json' }"),
            ("/q/../a//b.json", "}"),
        ],
        Dialect::Strict,
    );
    assert_eq!(places(&loaded), ["/q/../a//b.json:1:1 SYN-EXPR"]);
    let chain = loaded.sources.include_chain(qapi_parser::source::FileId(1));
    assert_eq!(chain.len(), 1);
}

#[test]
fn errors_of_all_files_are_found() {
    check(
        &[
            (
                "r.json",
                "{ 'event' }\n{ 'include': 'a.json' }\n{ 'event': , }\n",
            ),
            ("a.json", "{ 'include': 'gone.json' }\n{ 'event': 1 }\n"),
        ],
        &[
            "r.json:1:11 SYN-COLON",
            "r.json:3:12 SYN-EXPR",
            "a.json:1 INC-READ",
            "a.json:2:12 LEX-STRAY",
        ],
    );
}

#[test]
fn first_error_is_the_first_in_reading_order() {
    let files = [
        ("r.json", "{ 'include': 'a.json' }\n{ 'event' }\n"),
        ("a.json", "{ 'event': 1 }\n"),
    ];
    let loaded = load_files(&files, Dialect::Strict);
    assert_eq!(places(&loaded)[0], "a.json:1:12 LEX-STRAY");
}

#[test]
fn names_of_missing_files_are_not_unknown_types() {
    check(
        &[(
            "r.json",
            "{'include':'gone.json'}\n{'command':'a','data':'Gone','returns':'Gone'}\n",
        )],
        &["r.json:1 INC-READ"],
    );
}

/// A folder in which each file includes the next.
struct Chain(RefCell<usize>);

impl Files for Chain {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        *self.0.borrow_mut() += 1;
        let depth = path.as_os_str().len() + 1;
        Ok(format!("{{ 'include': '{}' }}\n", "x".repeat(depth)).into_bytes())
    }
}

#[test]
fn depth_of_includes_has_a_limit() {
    let chain = Chain(RefCell::new(0));
    let loaded = load(Path::new("x"), &chain, &options(Dialect::Strict));
    let codes: Vec<_> = loaded
        .diagnostics
        .iter()
        .map(|it| it.code.as_str())
        .collect();
    assert_eq!(codes, ["LIMIT-INCLUDES"]);
    assert_eq!(*chain.0.borrow(), limits::INCLUDE_DEPTH);
}

/// A root that includes more files than there may be.
struct Crowd;

impl Files for Crowd {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path != Path::new("r.json") {
            return Ok(Vec::new());
        }
        let include = |index| format!("{{ 'include': '{index}' }}\n");
        Ok((1..=limits::FILES)
            .map(include)
            .collect::<String>()
            .into_bytes())
    }
}

#[test]
fn number_of_files_has_a_limit() {
    let loaded = load(Path::new("r.json"), &Crowd, &options(Dialect::Strict));
    let last = limits::FILES;
    assert_eq!(places(&loaded), [format!("r.json:{last} LIMIT-INCLUDES")]);
}

#[test]
fn disk_tells_files_apart_by_their_absolute_paths() {
    let absolute = Disk.absolute(Path::new("x.json"));
    assert!(absolute.is_absolute());
    assert_eq!(absolute.file_name(), Path::new("x.json").file_name());
    assert_eq!(
        Memory::new().absolute(Path::new("a/b")),
        PathBuf::from("/a/b")
    );
}

#[test]
fn pragma_values_are_checked() {
    for (text, expected) in [
        ("{ 'pragma': {}, 'x': true }", "PRAGMA-EXTRA"),
        ("{ 'pragma': [] }", "PRAGMA-TYPE"),
        ("{ 'pragma': { 'doc-required': 'true' } }", "PRAGMA-BOOL"),
        (
            "{ 'pragma': { 'member-name-exceptions': 'A' } }",
            "PRAGMA-LIST",
        ),
        (
            "{ 'pragma': { 'command-name-exceptions': [ 'a', true ] } }",
            "PRAGMA-LIST",
        ),
        (
            "{ 'pragma': { 'returns-whitelist': [ 'a' ] } }",
            "PRAGMA-UNKNOWN",
        ),
        ("{ 'pragma': { 'doc_required': true } }", "PRAGMA-UNKNOWN"),
    ] {
        check(
            &[("r.json", &format!("\n{text}\n"))],
            &[&format!("r.json:2 {expected}")],
        );
    }
    check(
        &[(
            "r.json",
            "{ 'pragma': { 'a': true, 'doc-required': [], 'b': 'x' } }\n",
        )],
        &[
            "r.json:1 PRAGMA-UNKNOWN",
            "r.json:1 PRAGMA-BOOL",
            "r.json:1 PRAGMA-UNKNOWN",
        ],
    );
    check(&[("r.json", "{ 'pragma': {} }\n")], &[]);
}

#[test]
fn old_names_of_pragmas_are_understood() {
    let loaded = load_files(
        &[(
            "r.json",
            "{ 'pragma': { 'returns-whitelist': [ 'a' ], 'name-case-whitelist': [ 'As' ] } }\n\
                      { 'command': 'a', 'returns': 'int' }\n\
                      { 'struct': 'As', 'data': { 'B_c': 'int' } }\n",
        )],
        Dialect::Auto,
    );
    assert_eq!(
        places(&loaded),
        ["r.json:1 OLD-PRAGMA", "r.json:1 OLD-PRAGMA"]
    );
    let pragmas = loaded.schema.unwrap().pragmas;
    assert_eq!(pragmas.command_returns_exceptions, ["a"]);
    assert_eq!(pragmas.member_name_exceptions, ["As"]);
}
