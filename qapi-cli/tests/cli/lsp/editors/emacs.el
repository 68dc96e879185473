;;; Drives the language server by eglot over the schemas of a release of QEMU.  -*- lexical-binding: t -*-
;; Started by the tests, which set QAPI (the server) and SCHEMAS (a copy of the schemas).

(require 'package)
;; Debian's packages.
(add-to-list 'package-directory-list "/usr/share/emacs/site-lisp/elpa")
(add-to-list 'package-directory-list "/usr/share/emacs/site-lisp/elpa-src")
(package-initialize)
(require 'eglot)
(require 'flymake)
(require 'xref)

(define-derived-mode qapi-mode prog-mode "QAPI")
(add-to-list 'auto-mode-alist '("/q\\(api\\|ga\\)/.*\\.json\\'" . qapi-mode))
;; QEMU's files name Python's mode in their first line.
(defun qapi-mode-maybe ()
  (when (string-match-p "/q\\(api\\|ga\\)/.*\\.json\\'" (or buffer-file-name ""))
    (qapi-mode)))
(add-hook 'python-mode-hook #'qapi-mode-maybe)
(add-to-list 'eglot-server-programs (list 'qapi-mode (getenv "QAPI") "lsp"))
(setq eglot-sync-connect 60
      eglot-send-changes-idle-time 0
      make-backup-files nil
      create-lockfiles nil)

(defun check (is-so what)
  (unless is-so
    (message "failed: %s" what)
    (kill-emacs 1)))

(defun wait (is-so what)
  "Wait until IS-SO holds: only a server that hangs takes as long."
  (let ((end (+ (float-time) 60)))
    (while (and (not (funcall is-so)) (< (float-time) end))
      (accept-process-output nil 0.05)))
  (check (funcall is-so) what))

(defun request (method params)
  (jsonrpc-request (eglot--current-server-or-lose) method params :timeout 60))

(defun at (text)
  "Put point behind the first TEXT, and ask about that place."
  (goto-char (point-min))
  (check (search-forward text nil t) text)
  (eglot--TextDocumentPositionParams))

(defvar errors 0)
(defun count-errors (params)
  (when (string-suffix-p "block-core.json" (plist-get params :uri))
    (setq errors (length (plist-get params :diagnostics)))))
(advice-add 'eglot-handle-notification :before
            (lambda (_server method &rest params)
              (when (eq method 'textDocument/publishDiagnostics)
                (count-errors params))))

(setq default-directory (file-name-as-directory (getenv "SCHEMAS")))
(find-file (expand-file-name "qapi/block-core.json" (getenv "SCHEMAS")))
(check (eq major-mode 'qapi-mode) "the mode")
(apply #'eglot (eglot--guess-contact))
(check (eglot-current-server) "the server runs")

;; A mistake appears, and goes when it is mended.
(at "'data': { 'filename': 'str")
(insert "r")
(eglot--signal-textDocument/didChange)
(wait (lambda () (= errors 1)) "a mistake appears")
(delete-char -1)
(eglot--signal-textDocument/didChange)
(wait (lambda () (= errors 0)) "the mistake is gone")

(let ((hover (request :textDocument/hover (at "'base': 'BlockdevOptionsGeneric"))))
  (check (> (length (plist-get (plist-get hover :contents) :value)) 20) "hover"))
(let ((found (request :textDocument/definition (at "'base': 'BlockdevOptionsGenericF"))))
  (check (= (length found) 1) "definition"))
(let ((uses (request :textDocument/references
                     (append (at "'struct': 'BlockdevOptionsGenericF")
                             '(:context (:includeDeclaration t))))))
  (check (> (length uses) 10) "references"))
(let* ((answer (request :textDocument/completion (at "'base': 'BlockdevOptionsGenericF")))
       (items (append (plist-get answer :items) nil)))
  (check (cl-some (lambda (it) (equal (plist-get it :label) "BlockdevOptionsGenericFormat")) items)
         "completion"))

;; Renaming and formatting by eglot's own commands.
(at "'enum': 'BlockdevOnE")
(let ((eglot-confirm-server-initiated-edits nil))
  (eglot-rename "BlockdevWhenError"))
(goto-char (point-min))
(check (search-forward "'enum': 'BlockdevWhenError'" nil t) "renamed")
(goto-char (point-max))
(insert "{ 'struct':'Untidy','data':{ 'x':'int' } }\n")
(eglot-format-buffer)
(goto-char (point-min))
(check (search-forward "{ 'struct': 'Untidy', 'data': { 'x': 'int' } }" nil t) "formatted")

(set-buffer-modified-p nil)
(eglot-shutdown (eglot-current-server))
(kill-emacs 0)
