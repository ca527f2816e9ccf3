;;; upsun-lint.el --- Upsun's configuration in Emacs  -*- lexical-binding: t; -*-

;; Needs eglot: in Emacs since version 29, from GNU ELPA before; and `yaml-mode', or else, in Emacs since version 29
;; with the grammar for it, `yaml-ts-mode'.
;; `upsun-lint' must be on `exec-path': pipx install . in a clone

;;; Commentary:

;; Put this file on `load-path' and (require 'upsun-lint) into your init file.
;;
;; Eglot knows one server for a mode.  The one for YAML stays what it is; only buffers of files below a folder
;; `.upsun' get ours.

;;; Code:

(require 'eglot)

(if (require 'yaml-mode nil t)
    (define-derived-mode upsun-mode yaml-mode "Upsun"
      "YAML of an Upsun project, with `upsun-lint' as its server.")
  (define-derived-mode upsun-mode yaml-ts-mode "Upsun"
    "YAML of an Upsun project, with `upsun-lint' as its server."))

(add-to-list 'auto-mode-alist '("/\\.upsun/.*\\.ya?ml\\'" . upsun-mode))
(add-to-list 'eglot-server-programs '((upsun-mode :language-id "yaml") . ("upsun-lint" "server")))
(add-hook 'upsun-mode-hook #'eglot-ensure)

(provide 'upsun-lint)
;;; upsun-lint.el ends here
