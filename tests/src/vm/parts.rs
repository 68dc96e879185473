//! The distribution's kernel, modules and busybox, where `.ci/run` unpacked them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules that the guest needs; what they depend on follows from `modules.dep`.
const MODULES: [&str; 4] = ["virtio_pci", "virtio_console", "virtio_blk", "loop"];

/// Parts of a machine.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The kernel image.
    pub kernel: PathBuf,
    /// The statically linked busybox.
    pub busybox: PathBuf,
    /// Kernel modules, in the order in which they are loaded.
    pub modules: Vec<PathBuf>,
}

impl Parts {
    /// Finds the parts, with these modules besides the usual ones, or says why a test has to be skipped.
    ///
    /// # Panics
    /// If they are absent and `CI` is `true`.
    pub fn find(more: &[String]) -> Option<Self> {
        if !Path::new("/usr/bin/qemu-system-x86_64").is_file() {
            crate::skip("no qemu-system-x86_64");
            return None;
        }
        let parts = Self::below(&crate::workspace().join("target/vm"), more);
        if parts.is_none() {
            crate::skip("no kernel for virtual machines (`.ci/vm-parts` unpacks one)");
        }
        parts
    }

    fn below(folder: &Path, more: &[String]) -> Option<Self> {
        let kernel = only_entry(&folder.join("boot"), "vmlinuz-")?;
        let tree = only_entry(&folder.join("lib/modules"), "")?;
        let busybox = folder.join("bin/busybox");
        busybox.is_file().then_some(())?;
        let modules = load_order(&tree, more)?;
        Some(Self {
            kernel,
            busybox,
            modules,
        })
    }
}

fn only_entry(folder: &Path, prefix: &str) -> Option<PathBuf> {
    fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(prefix))
        })
}

/// Returns the modules with all that they depend on in front.
fn load_order(tree: &Path, more: &[String]) -> Option<Vec<PathBuf>> {
    let text = fs::read_to_string(tree.join("modules.dep")).ok()?;
    let dependencies: BTreeMap<&str, Vec<&str>> = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(module, needs)| (module, needs.split_whitespace().collect()))
        .collect();
    let mut order = Vec::new();
    for name in MODULES.into_iter().chain(more.iter().map(String::as_str)) {
        let file = format!("/{name}.ko");
        let module = dependencies.keys().find(|module| module.ends_with(&file))?;
        visit(module, &dependencies, &mut order);
    }
    Some(order.into_iter().map(|module| tree.join(module)).collect())
}

fn visit<'t>(
    module: &'t str,
    dependencies: &BTreeMap<&'t str, Vec<&'t str>>,
    order: &mut Vec<&'t str>,
) {
    if order.contains(&module) {
        return;
    }
    for needed in dependencies.get(module).into_iter().flatten() {
        visit(needed, dependencies, order);
    }
    if !order.contains(&module) {
        order.push(module);
    }
}
