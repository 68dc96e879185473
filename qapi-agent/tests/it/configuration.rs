//! The configuration file and `--dump-conf`, with the built program.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::harness::{Agent, PROGRAM, Scratch};

/// Runs the program with only `variables` in its environment.
fn run(options: &[&str], variables: &[(&str, &Path)]) -> (Option<i32>, String, String) {
    let output = Command::new(PROGRAM)
        .args(options)
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn configuration(text: &str) -> Scratch {
    let scratch = Scratch::new();
    fs::write(scratch.join("conf"), text).unwrap();
    scratch
}

fn dump(text: &str, options: &[&str]) -> (Option<i32>, String, String) {
    let scratch = configuration(text);
    let options: Vec<_> = options.iter().copied().chain(["-D"]).collect();
    run(&options, &[("QGA_CONF", &scratch.join("conf"))])
}

#[test]
fn a_dump_says_what_the_file_says_with_semicolons_as_they_are() {
    let text = "[general]\ndaemon=false\nmethod=virtio-serial\n\
                path=/path/to/org.qemu.guest_agent.0\npidfile=/var/foo/qemu-ga.pid\n\
                statedir=/var/state\nverbose=true\nblock-rpcs=guest-ping;guest-get-time\n";
    let expected = "[general]\ndaemon=false\nmethod=virtio-serial\n\
                    path=/path/to/org.qemu.guest_agent.0\npidfile=/var/foo/qemu-ga.pid\n\
                    statedir=/var/state\nverbose=true\nretry-path=false\n\
                    block-rpcs=guest-ping;guest-get-time\nallow-rpcs=\n";
    let result = dump(text, &[]);
    assert_eq!(result, (Some(0), expected.to_owned(), String::new()));
    // A dump is a configuration that dumps as itself.
    assert_eq!(dump(expected, &[]), result);
}

#[test]
fn without_a_file_the_dump_shows_the_defaults() {
    let expected = "[general]\ndaemon=false\nmethod=virtio-serial\n\
                    path=/dev/virtio-ports/org.qemu.guest_agent.0\n\
                    pidfile=/var/run/qemu-ga.pid\nstatedir=/var/run\nverbose=false\n\
                    retry-path=false\nblock-rpcs=\nallow-rpcs=\n";
    let result = run(&["--dump"], &[("QGA_CONF", Path::new("/nonexistent"))]);
    assert_eq!(result, (Some(0), expected.to_owned(), String::new()));
}

#[test]
fn the_command_line_overrides_the_file_and_extends_its_lists() {
    let text = "[general]\npath=/file\nmethod=tcp\nverbose=true\nblock-rpcs=a,b,c\nlogfile=\\s\\sl\n\
                fsfreeze-hook=/hook";
    let options = ["-p", "/line", "-b", "d", "-b", "e,f", "-a", " g", "-dr"];
    let expected = "[general]\ndaemon=true\nmethod=tcp\npath=/line\nlogfile=\\s\\sl\n\
                    pidfile=/var/run/qemu-ga.pid\nfsfreeze-hook=/hook\nstatedir=/var/run\n\
                    verbose=true\nretry-path=true\nblock-rpcs=c,b,a,d,f,e\nallow-rpcs=\\sg\n";
    assert_eq!(
        dump(text, &options),
        (Some(0), expected.to_owned(), String::new())
    );
}

#[test]
fn options_without_effect_are_reported_on_standard_error() {
    let (code, output, errors) = dump("[general]\nblacklist=x\ncolour=red\n", &[]);
    assert_eq!(code, Some(0));
    assert!(output.contains("\nblock-rpcs=x\n"), "{output}");
    let lines: Vec<_> = errors.lines().collect();
    assert_eq!(lines.len(), 2, "{errors}");
    assert!(lines[0].starts_with("warning: ") && lines[0].contains("`blacklist`"));
    assert!(lines[1].contains("`colour` is not a known key"), "{errors}");
}

#[test]
fn a_broken_file_is_refused_but_help_and_version_work() {
    let scratch = configuration("[general]\nverbose=maybe\n");
    let variables = [("QGA_CONF", &*scratch.join("conf"))];
    for options in [&[][..], &["-D"], &["-m", "unix-listen", "-p", "x"]] {
        let (code, output, errors) = run(options, &variables);
        assert_eq!((code, output), (Some(1), String::new()));
        let place = format!("{}, line 2: `verbose` has", scratch.join("conf").display());
        assert!(errors.contains(&place), "{errors}");
    }
    for option in ["-V", "--help", "-bhelp"] {
        let (code, output, errors) = run(&[option], &variables);
        assert_eq!((code, errors), (Some(0), String::new()));
        assert!(!output.is_empty(), "{option}");
    }
}

#[test]
fn a_file_named_on_the_command_line_must_exist() {
    let scratch = configuration("[general]\nstatedir=/chosen\n");
    let named = scratch.join("conf").display().to_string();
    let (code, output, _) = run(&["-c", &named, "-D"], &[("QGA_CONF", Path::new("/"))]);
    assert_eq!(code, Some(0));
    assert!(output.contains("\nstatedir=/chosen\n"), "{output}");
    let (code, _, errors) = run(&["--config=/nonexistent/c", "-D"], &[]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("/nonexistent/c"), "{errors}");
}

#[test]
fn lists_of_the_file_block_commands() {
    let scratch = configuration("[general]\nblock-rpcs = guest-ping ; guest-get-time\n");
    let named = scratch.join("conf").display().to_string();
    let agent = Agent::start_in(scratch, &["-c", &named, "-b", "guest-sync"]);
    let mut client = agent.connect();
    for command in ["guest-ping", "guest-get-time", "guest-sync"] {
        let answer = client.ask(json!({ "execute": command }).to_string());
        assert_eq!(answer["error"]["class"], "CommandNotFound", "{answer}");
    }
    let info = client.run("guest-info", &json!({}));
    let enabled: BTreeMap<_, _> = info["supported_commands"]
        .as_array()
        .unwrap()
        .iter()
        .map(|command| (command["name"].as_str().unwrap(), &command["enabled"]))
        .collect();
    assert_eq!(enabled["guest-ping"], false);
    assert_eq!(enabled["guest-info"], true);
    assert_eq!(agent.stderr(), "");
}
