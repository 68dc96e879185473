//! Several interfaces in one site.

/// All interfaces of a site.
pub(super) struct Interfaces<'l> {
    pub(super) title: &'l str,
    pub(super) names: Vec<&'l str>,
    /// The folders of their pages, each ending with `/`.
    pub(super) folders: Vec<String>,
}

/// One of them.
#[derive(Clone, Copy)]
pub(super) struct InterfaceView<'l> {
    pub(super) all: &'l Interfaces<'l>,
    pub(super) number: usize,
}
