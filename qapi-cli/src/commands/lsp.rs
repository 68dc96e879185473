//! `qapi lsp`: the language server.

use clap::Args;

use crate::console::Console;
use crate::lsp;
use crate::status::{Failure, Status};

/// Run the language server, for diagnostics, completion and navigation in an editor
///
/// The editor starts this command and speaks the Language Server Protocol with it on standard input and output. The
/// schema of a file is found by include directives, in the file's directory, above it and in the workspace, or is
/// named in a qapi.toml.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi lsp                 # what an editor starts, see below

Neovim 0.8 or later, in init.lua:
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
    pattern = { '*/qapi/*.json', '*/qga/*.json' },
    callback = function()
      vim.lsp.start({ name = 'qapi', cmd = { 'qapi', 'lsp' }, root_dir = vim.fn.getcwd() })
    end,
  })

Helix, in languages.toml:
  [language-server.qapi]
  command = 'qapi'
  args = ['lsp']

  [[language]]
  name = 'qapi'
  scope = 'source.qapi'
  file-types = [{ glob = 'qapi/*.json' }, { glob = 'qga/*.json' }]
  comment-token = '#'
  language-servers = ['qapi']

Emacs with eglot:
  (define-derived-mode qapi-mode prog-mode \"QAPI\")
  (add-to-list 'auto-mode-alist '(\"/q\\\\(api\\\\|ga\\\\)/.*\\\\.json\\\\'\" . qapi-mode))
  (with-eval-after-load 'eglot
    (add-to-list 'eglot-server-programs '(qapi-mode \"qapi\" \"lsp\")))
QEMU's own files name another mode in their first line; docs/editors.md has the hook for them.

Visual Studio Code: the extension in editors/vscode.

Settings, in the section `qapi` of the editor's:
  dialect        `auto`, `strict`, or a release such as `7.2`
  define         symbols that are defined in conditions; what is not built is greyed out
  undefine       symbols that are not
  roots          main files of schemas that are not found automatically
  lints          `allow`, `warn` or `deny` by code
  showOldForms   show each old form in its place

Exit status:
  0  the editor ended the session
  1  the editor went away")]
pub(crate) struct LspOpts {
    /// Speak on standard input and output, which is the default
    #[arg(long)]
    stdio: bool,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "all verbs have results of this kind"
)]
pub(crate) fn run(_: &LspOpts, _: &mut Console) -> Result<Status, Failure> {
    Ok(lsp::serve_standard_streams())
}
