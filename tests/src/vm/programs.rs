//! Programs of a whole system that busybox does not stand in for.

use std::path::Path;

use super::Setup;

/// Path of the module in the guest.
const MODULE: &str = "/lib/security/pam_unix.so";

impl Setup {
    /// Programs that end the machine. Busybox' own ask an init that is not there.
    #[must_use]
    pub fn power_programs(self) -> Self {
        let script = |applet: &str| format!("#!/bin/sh\nexec /bin/busybox {applet} -f\n");
        self.file("/sbin/poweroff", &script("poweroff"))
            .file("/sbin/halt", &script("halt"))
            .file("/sbin/reboot", &script("reboot"))
    }

    /// Returns the distribution's chpasswd with the module that does its work, or none where it is missing.
    ///
    /// # Panics
    /// If it is missing and `CI` is `true`.
    pub fn chpasswd(self) -> Option<Self> {
        let program = Path::new("/usr/sbin/chpasswd");
        let module = std::fs::read_dir("/usr/lib")
            .ok()?
            .flatten()
            .map(|entry| entry.path().join("security/pam_unix.so"))
            .find(|path| path.is_file());
        let Some(module) = module.filter(|_| program.is_file()) else {
            crate::skip("no chpasswd");
            return None;
        };
        let configuration = format!("password required {MODULE} sha512\n");
        Some(
            self.program(program, "/usr/sbin/chpasswd")
                .program(module, MODULE)
                .file("/etc/pam.d/chpasswd", &configuration),
        )
    }
}
