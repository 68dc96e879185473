//! Excerpts in the README equal the program's output.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{Run, Scratch, command, data};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The blocks of text in the README.
fn blocks() -> Vec<String> {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let blocks = readme.split("\n```text\n").skip(1);
    blocks
        .map(|rest| rest.split("\n```").next().unwrap().to_owned())
        .collect()
}

/// Runs a line like `$ qapi diff old.json new.json`, in the folder that has the files.
fn run(line: &str) -> Run {
    let words: Vec<_> = line.split_whitespace().skip(2).collect();
    let own = data().join("readme");
    let has_one = words.iter().any(|word| own.join(word).is_file());
    let folder = if has_one { own } else { workspace() };
    let output = command(&words).current_dir(folder).output().unwrap();
    Run::from(output)
}

/// Checks that the pieces of an excerpt, which are separated by lines with an ellipsis, stand in a text in this order.
fn assert_excerpt(excerpt: &str, text: &str) {
    let mut rest = text;
    for piece in excerpt.split("\n\u{2026}\n") {
        let at = rest.find(piece);
        let at = at.unwrap_or_else(|| panic!("not printed any more:\n{piece}\n---- but\n{text}"));
        rest = &rest[at + piece.len()..];
    }
}

#[test]
fn the_readme_shows_the_output_of_commands() {
    let mut shown = Vec::new();
    for block in blocks() {
        let Some((line, excerpt)) = block.split_once('\n') else {
            panic!("a block of one line: {block}");
        };
        if !line.starts_with("$ qapi ") {
            continue;
        }
        let run = run(line);
        assert_excerpt(excerpt, &format!("{}{}", run.stdout, run.stderr));
        shown.push(line.split(' ').nth(2).unwrap().to_owned());
    }
    assert_eq!(shown, ["check", "diff", "diff", "matrix"]);
}

#[test]
fn the_readme_shows_the_text_of_the_reference() {
    let scratch = Scratch::new();
    let folder = scratch.path().to_str().unwrap();
    let schema = "schemas/guest-agent/current.json";
    let arguments = ["docs", schema, "--format", "markdown", "--out-dir", folder];
    let output = command(arguments)
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(output.status.success());
    let reference = fs::read_to_string(scratch.join("current.md")).unwrap();
    let mut shown = blocks();
    shown.retain(|block| block.starts_with("- `handle`"));
    let [block] = shown.as_slice() else {
        panic!("there are {} excerpts of the reference", shown.len());
    };
    assert_excerpt(block, &reference);
}

#[test]
fn the_project_of_the_readme_works() {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let blocks = readme.split("\n```toml\n").skip(1);
    let mut blocks = blocks.filter_map(|rest| rest.split("\n```").next());
    let project = blocks.find(|block| block.starts_with("[schemas.")).unwrap();
    let scratch = Scratch::new();
    let schema = "schemas/guest-agent/2.5.json";
    fs::create_dir_all(scratch.join(schema).parent().unwrap()).unwrap();
    fs::copy(workspace().join(schema), scratch.join(schema)).unwrap();
    fs::write(scratch.join("qapi.toml"), project).unwrap();
    let run = |arguments: &[&str]| {
        let output = command(arguments).current_dir(scratch.path()).output();
        Run::from(output.unwrap())
    };
    for arguments in [
        &["check"][..],
        &["generate"],
        &["generate", "--check"],
        &["docs"],
    ] {
        let run = run(arguments);
        assert_eq!(run.status, 0, "{arguments:?}: {run}");
    }
    let generated = scratch.join("target/generated/guest_agent");
    assert!(!generated.join("server.rs").exists());
    let types = fs::read_to_string(generated.join("types.rs")).unwrap();
    let shown = readme.split("\npub struct GuestFileRead {").nth(1).unwrap();
    let shown = shown.split("\n```").next().unwrap();
    let found = types.split("\npub struct GuestFileRead {").nth(1).unwrap();
    assert!(found.starts_with(shown), "{shown}");
    assert!(
        scratch
            .join("target/reference/guest_agent/index.html")
            .is_file()
    );
    // The mistake of the README.
    let wrong = project.replace("server = false", "asnyc = true");
    fs::write(scratch.join("qapi.toml"), wrong).unwrap();
    let run = run(&["check"]);
    let message = run
        .stderr
        .trim_start_matches("error: qapi.toml:")
        .trim_end();
    let (_, message) = message.split_once(": ").unwrap();
    assert!(readme.contains(message), "{run}");
}

#[test]
fn pictures_of_the_readme_are_there_and_small() {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let pictures = readme.split("](docs/").skip(1);
    let pictures: Vec<_> = pictures
        .map(|rest| rest.split(')').next().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "png"))
        .collect();
    assert_eq!(pictures, ["diff.png", "matrix.png", "reference.png"]);
    for picture in pictures {
        let bytes = fs::read(workspace().join("docs").join(picture)).unwrap();
        assert!(
            bytes.starts_with(b"\x89PNG") && bytes.len() < 200_000,
            "{picture}"
        );
    }
}
