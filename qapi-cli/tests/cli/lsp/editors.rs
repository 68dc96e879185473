//! Real editors drive the server over the schemas of QEMU 10.2.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use qapi_test_support::skip;

use super::client::scratch;
use super::corpus;

/// A copy of the schemas, which editors may change.
fn schemas(name: &str) -> Option<PathBuf> {
    let from = corpus::qemu("10.2")?;
    let to = scratch(name);
    copy(&from, &to);
    Some(to)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::write(target, fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cli/lsp/editors")
        .join(name)
}

fn run(command: &mut Command, schemas: &Path) {
    let output = command
        .env("QAPI", env!("CARGO_BIN_EXE_qapi"))
        .env("SCHEMAS", schemas)
        .env("HOME", schemas)
        .env("XDG_STATE_HOME", schemas)
        .output()
        .expect("the editor starts");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{text}", output.status);
}

#[test]
fn neovim_writes_schemas() {
    if !Path::new("/usr/bin/nvim").is_file() {
        return skip("no Neovim");
    }
    let Some(schemas) = schemas("neovim") else {
        return;
    };
    let screen = schemas.join("screen");
    let mut command = Command::new("nvim");
    command
        .args(["--headless", "--clean", "-c"])
        .arg(format!("luafile {}", script("neovim.lua").display()))
        .env("SCREEN", &screen);
    run(&mut command, &schemas);
    let screen = fs::read_to_string(screen).unwrap();
    assert!(screen.contains("the unknown type `strr`"), "{screen}");
}

#[test]
fn emacs_writes_schemas() {
    let has_eglot = Path::new("/usr/share/emacs/site-lisp/elpa")
        .read_dir()
        .is_ok_and(|mut all| {
            all.any(|it| it.is_ok_and(|it| it.file_name().to_string_lossy().starts_with("eglot")))
        });
    if !Path::new("/usr/bin/emacs").exists() || !has_eglot {
        return skip("no Emacs with eglot");
    }
    let Some(schemas) = schemas("emacs") else {
        return;
    };
    let mut command = Command::new("emacs");
    command
        .args(["--batch", "-Q", "-l"])
        .arg(script("emacs.el"));
    run(&mut command, &schemas);
}
