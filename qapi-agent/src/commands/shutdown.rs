//! guest-shutdown (agent-behaviour.md §6.3).

use nix::unistd::{AccessFlags, access};

use crate::failure::Failure;
use crate::system::System;

/// The one program where the others are missing; it needs telling what to do.
const FALLBACK: &str = "/sbin/shutdown";

/// Ends the system in a way of the protocol: `powerdown` (the default), `halt` or `reboot`. Returns
/// when the system has taken the order.
pub(crate) fn shut_down(system: &System, mode: Option<&str>) -> Result<(), Failure> {
    let (program, flag) = match mode.unwrap_or("powerdown") {
        "powerdown" => ("/sbin/poweroff", "-P"),
        "halt" => ("/sbin/halt", "-H"),
        "reboot" => ("/sbin/reboot", "-r"),
        _ => {
            // Callers know the text without its closing parenthesis.
            return Err(Failure::new(
                "mode is invalid (valid values are: halt|powerdown|reboot",
            ));
        }
    };
    let direct = system.path(program);
    let fallback = system.path(FALLBACK).to_string_lossy().into_owned();
    if access(&direct, AccessFlags::X_OK).is_ok() {
        system
            .helper(&direct.to_string_lossy(), &[])
            .run("shutdown")
    } else {
        let arguments = ["-h", flag, "+0", "hypervisor initiated shutdown"];
        system.helper(&fallback, &arguments).run("shutdown")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::tree::Tree;

    fn try_it(tree: &Tree, mode: Option<&str>) -> Result<(), String> {
        let _turn = crate::sys::turn_with_children();
        shut_down(&System::below(tree.path()), mode).map_err(|failure| failure.to_string())
    }

    #[test]
    fn each_mode_has_its_program_without_arguments() {
        let tree = Tree::new();
        for name in ["poweroff", "halt", "reboot", "shutdown"] {
            tree.script(
                &format!("sbin/{name}"),
                &format!("echo {name} $# > {}/ran", tree.path().display()),
            );
        }
        for (mode, program) in [
            (None, "poweroff 0\n"),
            (Some("powerdown"), "poweroff 0\n"),
            (Some("halt"), "halt 0\n"),
            (Some("reboot"), "reboot 0\n"),
        ] {
            assert_eq!(try_it(&tree, mode), Ok(()));
            assert_eq!(tree.text("ran"), program);
        }
    }

    #[test]
    fn shutdown_stands_in_for_missing_programs() {
        let tree = Tree::new();
        tree.script(
            "sbin/shutdown",
            &format!("printf '%s\\n' \"$@\" > {}/ran", tree.path().display()),
        );
        tree.file("sbin/halt", "not executable");
        for (mode, flag) in [(None, "-P"), (Some("halt"), "-H"), (Some("reboot"), "-r")] {
            assert_eq!(try_it(&tree, mode), Ok(()));
            let expected = format!("-h\n{flag}\n+0\nhypervisor initiated shutdown\n");
            assert_eq!(tree.text("ran"), expected);
        }
    }

    #[test]
    fn other_modes_and_failing_programs_are_errors() {
        let tree = Tree::new();
        for mode in ["bogus", "", "POWERDOWN"] {
            assert_eq!(
                try_it(&tree, Some(mode)).unwrap_err(),
                "mode is invalid (valid values are: halt|powerdown|reboot"
            );
        }
        let error = try_it(&tree, None).unwrap_err();
        assert!(
            error.starts_with("child process has failed to shutdown: failed to exec '")
                && error.ends_with("/sbin/shutdown': No such file or directory\n"),
            "{error}"
        );
    }
}
