//! guest-shutdown (docs/reference/agent-behaviour.md §6.3).

use std::path::PathBuf;

use nix::sys::reboot::RebootMode;

use crate::failure::Failure;
use crate::platform::system::System;

const ACTION: &str = "shutdown";

/// A way to end the system.
#[derive(Debug, Clone, Copy)]
struct ShutdownMode {
    /// The program that does only this, which is also systemd's name for it.
    program: &'static str,
    /// The option of `shutdown` for it.
    flag: &'static str,
    /// The kernel's order for it.
    kernel: RebootMode,
}

impl ShutdownMode {
    /// Returns the protocol's name of a mode.
    fn named(name: &str) -> Option<Self> {
        let (program, flag, kernel) = match name {
            "powerdown" => ("poweroff", "-P", RebootMode::RB_POWER_OFF),
            "halt" => ("halt", "-H", RebootMode::RB_HALT_SYSTEM),
            "reboot" => ("reboot", "-r", RebootMode::RB_AUTOBOOT),
            _ => return None,
        };
        Some(Self {
            program,
            flag,
            kernel,
        })
    }

    /// Returns the program to run and its arguments: those of the reference first, then the same ones wherever
    /// `PATH` has them, as on systems without `/sbin`, then systemd's own.
    fn command(self, system: &System) -> Option<(PathBuf, Vec<&'static str>)> {
        let in_sbin = |name: &str| {
            let path = system.path(&format!("/sbin/{name}"));
            System::is_program(&path).then_some(path)
        };
        let in_path = |name: &str| system.find_program(name);
        let direct = |path| (path, Vec::new());
        let by_shutdown = |path| {
            (
                path,
                vec!["-h", self.flag, "+0", "hypervisor initiated shutdown"],
            )
        };
        in_sbin(self.program)
            .map(direct)
            .or_else(|| in_sbin("shutdown").map(by_shutdown))
            .or_else(|| in_path(self.program).map(direct))
            .or_else(|| in_path("shutdown").map(by_shutdown))
            .or_else(|| in_path("systemctl").map(|path| (path, vec![self.program])))
    }
}

/// Ends the system in a way of the protocol: `powerdown` (the default), `halt` or `reboot`. Returns when the system has
/// accepted the request.
pub(crate) fn shut_down(system: &System, mode: Option<&str>) -> Result<(), Failure> {
    let mode = ShutdownMode::named(mode.unwrap_or("powerdown")).ok_or_else(|| {
        // Callers know the text without its closing parenthesis.
        Failure::new("mode is invalid (valid values are: halt|powerdown|reboot")
    })?;
    match mode.command(system) {
        Some((program, arguments)) => system
            .helper(&program.to_string_lossy(), &arguments)
            .run(ACTION),
        // No service manager ends the programs first; at least file systems are synchronised.
        None => system.end(mode.kernel).map_err(|errno| {
            Failure::with_errno(
                "no program to shut down with was found, and the kernel refuses",
                errno,
            )
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

    fn try_it(system: &System, mode: Option<&str>) -> Result<(), String> {
        let _turn = crate::platform::sys::turn_with_children();
        shut_down(system, mode).map_err(|failure| failure.to_string())
    }

    const MODES: [(Option<&str>, &str, &str); 4] = [
        (None, "poweroff", "-P"),
        (Some("powerdown"), "poweroff", "-P"),
        (Some("halt"), "halt", "-H"),
        (Some("reboot"), "reboot", "-r"),
    ];

    /// Installs programs that tell how they were called.
    fn install(tree: &Tree, folder: &str, names: &[&str]) {
        let ran = tree.path().join("ran");
        for name in names {
            let script = format!("printf '%s\n' {folder}/{name} \"$@\" > {}", ran.display());
            tree.script(&format!("{folder}/{name}"), &script);
        }
    }

    #[test]
    fn the_first_existing_program_gets_the_request() {
        let tree = Tree::new();
        let system = System::below(tree.path());
        // From the last resort to the first choice.
        let all = ["poweroff", "halt", "reboot"];
        for (folder, names) in [
            ("bin", &["systemctl"][..]),
            ("bin", &["shutdown"]),
            ("bin", &all),
            ("sbin", &["shutdown"]),
            ("sbin", &all),
        ] {
            install(&tree, folder, names);
            for (mode, program, flag) in MODES {
                assert_eq!(try_it(&system, mode), Ok(()));
                let expected = match names[0] {
                    "systemctl" => format!("bin/systemctl\n{program}\n"),
                    "shutdown" => {
                        format!(
                            "{folder}/shutdown\n-h\n{flag}\n+0\nhypervisor initiated shutdown\n"
                        )
                    }
                    _ => format!("{folder}/{program}\n"),
                };
                assert_eq!(tree.text("ran"), expected);
            }
        }
        assert_eq!(system.ends(), []);
    }

    #[test]
    fn files_that_cannot_be_executed_are_rejected() {
        let tree = Tree::new();
        tree.file("sbin/halt", "not executable");
        tree.folder("bin/halt");
        install(&tree, "sbin", &["shutdown"]);
        let system = System::below(tree.path());
        assert_eq!(try_it(&system, Some("halt")), Ok(()));
        assert!(tree.text("ran").starts_with("sbin/shutdown\n"));
    }

    #[test]
    fn without_programs_the_kernel_gets_the_request() {
        let tree = Tree::new();
        let system = System::below(tree.path());
        for (mode, _, _) in MODES {
            assert_eq!(try_it(&system, mode), Ok(()));
        }
        let expected = [
            RebootMode::RB_POWER_OFF,
            RebootMode::RB_POWER_OFF,
            RebootMode::RB_HALT_SYSTEM,
            RebootMode::RB_AUTOBOOT,
        ];
        assert_eq!(system.ends(), expected);
    }

    #[test]
    fn other_modes_and_failing_programs_are_errors() {
        let tree = Tree::new();
        let system = System::below(tree.path());
        for mode in ["bogus", "", "POWERDOWN"] {
            assert_eq!(
                try_it(&system, Some(mode)).unwrap_err(),
                "mode is invalid (valid values are: halt|powerdown|reboot"
            );
        }
        // If a program refuses, no other is tried.
        tree.script("sbin/poweroff", "echo no; exit 1");
        install(&tree, "bin", &["poweroff", "systemctl"]);
        assert_eq!(
            try_it(&system, None).unwrap_err(),
            "child process has failed to shutdown: no\n"
        );
        assert_eq!(system.ends(), []);
    }
}
