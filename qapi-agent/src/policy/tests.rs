//! Checks of programs and files by rules.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::{Gid, Uid};
use qapi_tests::Scratch;
use qapi_tests::generate::Random;

use super::pattern::PathPattern;
use super::*;
use crate::platform::resolved_path::open_resolved;

fn uses(flags: OFlag) -> FileAccess {
    let access = flags & OFlag::O_ACCMODE;
    FileAccess {
        reads: access != OFlag::O_WRONLY,
        writes: access != OFlag::O_RDONLY,
    }
}

fn identity(name: &str) -> Result<UserIdentity, String> {
    match name {
        "backup" => Ok(UserIdentity {
            user: Uid::from_raw(34),
            group: Gid::from_raw(34),
            groups: Vec::new(),
        }),
        _ => Err(format!("failed to lookup user '{name}': no such user")),
    }
}

fn policy(scratch: &Scratch, text: &str, is_dry_run: bool) -> Policy {
    let path = scratch.join("policy");
    fs::write(&path, text).unwrap();
    Policy::load(
        &path,
        is_dry_run,
        &["guest-exec", "guest-get-disks"],
        identity,
    )
    .unwrap()
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

#[test]
fn a_file_that_cannot_be_used_is_refused_with_its_path() {
    let scratch = Scratch::new();
    let load = |path: &Path| Policy::load(path, false, &[], identity).unwrap_err();
    let missing = load(&scratch.join("missing"));
    assert!(
        missing.ends_with("missing, No such file or directory (os error 2)"),
        "{missing}"
    );
    let path = scratch.join("policy");
    fs::write(&path, "[program a]\npath = /x\nuser = nobody-knows\n").unwrap();
    let error = load(&path);
    assert!(
        error.contains("rule `a`: failed to lookup user 'nobody-knows'"),
        "{error}"
    );
    fs::write(&path, "[program a]\npath = x\n").unwrap();
    assert!(load(&path).contains("policy, line 2: `x` is not an absolute path"));
}

/// A policy for programs in a folder, and a judge of calls of them.
struct Programs {
    root: String,
    rules: Policy,
    _scratch: Scratch,
}

impl Programs {
    fn new() -> Self {
        let scratch = Scratch::new();
        let root = fs::canonicalize(scratch.path()).unwrap();
        let root = root.to_str().unwrap().to_owned();
        fs::create_dir(scratch.join("bin")).unwrap();
        symlink("bin", scratch.join("link")).unwrap();
        let text = format!(
            "[program backup]\npath = {root}/bin/back*\nargument = --full\nargument = /srv/*\nuser = backup\n\
             [program any]\npath = {root}/bin/any\nargument = ...\nenvironment = LANG=*\ninput = true\n\
             [program one]\npath = {root}/bin/x\n[program two]\npath = {root}/bin/?\nargument = ?\n"
        );
        let rules = policy(&scratch, &text, false);
        Self {
            root,
            rules,
            _scratch: scratch,
        }
    }

    fn judge(
        &self,
        path: &str,
        arguments: &[&str],
        environment: &[&str],
        has_input: bool,
    ) -> Result<Permit, String> {
        let judged = self.rules.program(&ProgramCall {
            path: &PathBuf::from(format!("{}/{path}", self.root)),
            arguments: &strings(arguments),
            environment: &strings(environment),
            has_input,
        });
        judged
            .map(Option::unwrap)
            .map_err(|failure| failure.to_string())
    }
}

const FIT: [&str; 2] = ["--full", "/srv/x"];

#[test]
fn programs_run_as_the_rules_say() {
    let programs = Programs::new();
    for path in [
        "bin/backup",
        "link/backup",
        "bin/../bin/./backup",
        "link/../bin//backup",
    ] {
        let permit = programs.judge(path, &FIT, &[], false).unwrap();
        let file = format!("{}/bin/backup", programs.root);
        assert_eq!(permit.path, PathBuf::from(file), "{path}");
        assert_eq!(permit.identity, Some(identity("backup").unwrap()));
    }
    let permit = programs.judge("bin/any", &["a", "b"], &["LANG=C", "LANG=de"], true);
    assert_eq!(permit.unwrap().identity, None);
    // The next rule with the path is tried.
    for (arguments, is_permitted) in [(&[][..], true), (&["a"], true), (&["ab"], false)] {
        let judged = programs.judge("bin/x", arguments, &[], false);
        assert_eq!(judged.is_ok(), is_permitted, "{arguments:?}");
    }
}

#[test]
fn refusals_name_the_rule_and_no_argument() {
    let programs = Programs::new();
    let no_group = "no group `program` has its path";
    let refusal = |path: &str, arguments: &[&str], environment: &[&str], has_input: bool| {
        let error = programs
            .judge(path, arguments, environment, has_input)
            .unwrap_err();
        let (start, reason) = error.split_once("`: ").unwrap();
        assert!(
            start.starts_with("the policy refuses guest-exec: `"),
            "{error}"
        );
        reason.to_owned()
    };
    for path in [
        "bin/other",
        "policy",
        "bin/any/x",
        "none/x",
        "bin/backup/..",
        "bin/",
    ] {
        assert_eq!(refusal(path, &FIT, &[], false), no_group, "{path}");
    }
    for (arguments, reason) in [
        (&["--full"][..], "argument 2 is missing: `/srv/*`"),
        (&["secret", "/srv/x"], "argument 1 does not fit `--full`"),
        (&["--full", "/srv/x", "secret"], "3 arguments, 2 at most"),
    ] {
        let expected = format!("rule `backup`: {reason}");
        assert_eq!(refusal("bin/backup", arguments, &[], false), expected);
    }
    let environment = "rule `backup`: entry 1 of `env` fits no `environment`";
    assert_eq!(
        refusal("bin/backup", &FIT, &["LD_PRELOAD=/x"], false),
        environment
    );
    let environment = "rule `any`: entry 2 of `env` fits no `environment`";
    assert_eq!(
        refusal("bin/any", &[], &["LANG=C", "A=b"], false),
        environment
    );
    let input = "rule `backup`: it may not have `input-data`";
    assert_eq!(refusal("bin/backup", &FIT, &[], true), input);
}

/// Creates random folders, files, and links that lead anywhere.
fn grow(random: &mut Random, root: &Path) {
    for folder in ["a", "b", "a/a", "a/b"] {
        fs::create_dir(root.join(folder)).unwrap();
    }
    for place in ["", "a/", "b/", "a/a/", "a/b/"] {
        for name in ["f", "g"] {
            fs::write(root.join(format!("{place}{name}")), "x").unwrap();
        }
        for name in ["l", "m"] {
            let targets = [
                "a", "b", "f", "..", "../b", "../..", "a/f", "../f", "l", "/", "new",
            ];
            let target = random.pick(&targets).unwrap();
            let target = if random.chance(20) {
                root.join(target)
            } else {
                PathBuf::from(target)
            };
            symlink(target, root.join(format!("{place}{name}"))).unwrap();
        }
    }
}

#[test]
fn no_path_leads_out_of_what_the_rules_name_and_all_of_that_can_be_opened() {
    let mut random = Random::new(11);
    let (mut opened, mut refused) = (0, 0);
    for _ in 0..100 {
        let scratch = Scratch::new();
        fs::create_dir(scratch.join("r")).unwrap();
        let root = fs::canonicalize(scratch.join("r")).unwrap();
        grow(&mut random, &root);
        let shapes = ["a/**", "*/f", "a/*", "**/f", "b/**", "**/?", "**"];
        let shape = random.pick(&shapes).unwrap();
        let written = format!("{}/{shape}", root.display());
        let rules = policy(&scratch, &format!("[file f]\npath = {written}\n"), false);
        let pattern = PathPattern::parse(&written).unwrap();
        for _ in 0..80 {
            let parts = ["a", "b", "f", "g", "l", "m", "..", ".", "new"];
            let request: PathBuf = (0..=random.below(3))
                .map(|_| *random.pick(&parts).unwrap())
                .collect();
            let request = root.join(request);
            // The truth is what the kernel opens, and where that is.
            let truth = fs::File::open(&request)
                .ok()
                .filter(|file| file.metadata().unwrap().is_file());
            let real = truth.is_some().then(|| fs::canonicalize(&request).unwrap());
            let expected = real.filter(|path| pattern.fits(path.to_str().unwrap()));
            let judged = rules.file(&request, uses(OFlag::O_RDONLY));
            let result = judged.ok().flatten().and_then(|resolved| {
                let file = open_resolved(&resolved, OFlag::O_RDONLY, nix::sys::stat::Mode::empty())
                    .ok()?;
                let number = std::os::fd::AsRawFd::as_raw_fd(&file);
                let place = fs::read_link(format!("/proc/self/fd/{number}")).unwrap();
                place.is_file().then_some(place)
            });
            assert_eq!(result, expected, "{} by {written}", request.display());
            opened += u32::from(result.is_some());
            refused += u32::from(result.is_none());
        }
    }
    assert!(opened > 200 && refused > 200, "{opened} {refused}");
}

#[test]
fn a_path_that_becomes_a_link_after_the_check_is_not_followed() {
    let scratch = Scratch::new();
    let root = fs::canonicalize(scratch.path()).unwrap();
    for folder in ["in", "out"] {
        fs::create_dir(root.join(folder)).unwrap();
        fs::write(root.join(folder).join("f"), folder).unwrap();
    }
    let text = format!(
        "[file in]\npath = {}/in/**\naccess = read-write\n",
        root.display()
    );
    let rules = policy(&scratch, &text, false);
    let open = |path: &Path| open_resolved(path, OFlag::O_RDONLY, nix::sys::stat::Mode::empty());
    let judged = rules
        .file(&root.join("in/f"), uses(OFlag::O_RDWR))
        .unwrap()
        .unwrap();
    open(&judged).unwrap();
    // The file, and then the folder.
    fs::rename(root.join("in/f"), root.join("in/g")).unwrap();
    symlink("../out/f", root.join("in/f")).unwrap();
    open(&judged).unwrap_err();
    fs::rename(root.join("in"), root.join("old")).unwrap();
    symlink("out", root.join("in")).unwrap();
    open(&judged).unwrap_err();
    // A new file may be made where the rule says so, and not by a link that leads nowhere yet.
    fs::remove_file(root.join("in")).unwrap();
    fs::create_dir(root.join("in")).unwrap();
    let new = rules.file(&root.join("in/new"), uses(OFlag::O_WRONLY | OFlag::O_CREAT));
    assert_eq!(new.unwrap(), Some(root.join("in/new")));
    symlink("../out/new", root.join("in/new")).unwrap();
    assert!(
        rules
            .file(&root.join("in/new"), uses(OFlag::O_WRONLY | OFlag::O_CREAT))
            .is_err()
            || open(&root.join("in/new")).is_err()
    );
}

#[test]
fn access_is_what_the_rule_says() {
    let scratch = Scratch::new();
    let root = fs::canonicalize(scratch.path()).unwrap();
    for (access, read, write, both) in [
        ("", true, false, false),
        ("access = read\n", true, false, false),
        ("access = write\n", false, true, false),
        ("access = read-write\n", true, true, true),
    ] {
        let text = format!("[file r]\npath = {}/*\n{access}", root.display());
        let rules = policy(&scratch, &text, false);
        for (flags, expected) in [
            (OFlag::O_RDONLY, read),
            (OFlag::O_WRONLY, write),
            (OFlag::O_RDWR, both),
        ] {
            let judged = rules.file(&root.join("f"), uses(flags));
            assert_eq!(judged.is_ok(), expected, "{access} {flags:?}");
            if let Err(failure) = judged {
                assert!(failure.to_string().contains("rule `r`: "), "{failure}");
            }
        }
    }
}

#[test]
fn nothing_is_revealed_about_files_in_other_places() {
    let scratch = Scratch::new();
    let root = fs::canonicalize(scratch.path()).unwrap();
    let text = format!("[file r]\npath = {}/in/**\n", root.display());
    let rules = policy(&scratch, &text, false);
    let text = |path: &str| {
        rules
            .file(&root.join(path), uses(OFlag::O_RDONLY))
            .unwrap_err()
            .to_string()
    };
    let elsewhere = text("policy").replace("policy`", "x`");
    assert_eq!(elsewhere, text("x"));
    assert_eq!(text("no/x").replace("no/x", "x"), elsewhere);
    assert!(
        text("in/x").contains("No such file or directory"),
        "{}",
        text("in/x")
    );
}

#[test]
fn a_dry_run_permits_all_and_tells() {
    let scratch = Scratch::new();
    let text =
        "[program p]\npath = /none\n[file f]\npath = /none\n[guest-get-disks]\nrate = 1/60\n";
    let rules = policy(&scratch, text, true);
    let call = ProgramCall {
        path: Path::new("/bin/sh"),
        arguments: &[],
        environment: &[],
        has_input: false,
    };
    assert_eq!(rules.program(&call), Ok(None));
    assert_eq!(
        rules.file(Path::new("/etc/passwd"), uses(OFlag::O_RDWR)),
        Ok(None)
    );
    let now = Instant::now();
    for _ in 0..2 {
        rules.admit("guest-get-disks", now).unwrap();
    }
    rules.admit("guest-get-osinfo", now).unwrap();
    let told = rules.take_untold();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told[0].starts_with("the policy would refuse guest-exec: `/bin/sh`: no group"),
        "{told:?}"
    );
    assert_eq!(
        told[2],
        "the policy would refuse guest-get-disks: rule `rate`: more than 1 calls in 60 seconds"
    );
    assert!(rules.take_untold().is_empty());
    // Refusals cannot fill the memory before the log is written.
    for _ in 0..1000 {
        rules.program(&call).unwrap();
    }
    assert_eq!(rules.take_untold().len(), UNTOLD_LIMIT);
}

#[test]
fn rules_without_their_apparent_effect_cause_warnings() {
    let scratch = Scratch::new();
    let root = fs::canonicalize(scratch.path()).unwrap();
    fs::create_dir(root.join("real")).unwrap();
    symlink("real", root.join("link")).unwrap();
    let text = format!(
        "[file f]\npath = {}/link/*\npath = {}/real/*\n",
        root.display(),
        root.display()
    );
    let rules = policy(&scratch, &text, false);
    let warnings = rules.warnings(|_| true);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("none for programs"), "{warnings:?}");
    assert!(warnings[1].contains("/link` is a link to"), "{warnings:?}");
    assert_eq!(rules.warnings(|command| command != "guest-exec").len(), 1);
}
