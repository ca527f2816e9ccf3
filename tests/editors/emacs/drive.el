;;; drive.el --- does what a user of Emacs does, and writes down what is seen  -*- lexical-binding: t; -*-

;;; Code:

(require 'json)
(add-to-list 'load-path (getenv "EDITOR_FILES"))
(require 'upsun-lint)

(defconst drive-patience (string-to-number (getenv "PATIENCE")))

(setq eglot-connect-timeout drive-patience
      eglot-sync-connect drive-patience
      jrpc-default-request-timeout drive-patience
      flymake-no-changes-timeout 0.1
      create-lockfiles nil
      make-backup-files nil)

(defun drive-wait (what condition)
  "Wait until CONDITION holds; give up on WHAT after a while."
  (let ((deadline (+ (float-time) drive-patience)))
    (while (not (funcall condition))
      (when (> (float-time) deadline)
        (error "Timed out while waiting for %s" what))
      (accept-process-output nil 0.05))))

(defun drive-attach ()
  "Start the server as `eglot-ensure' does once Emacs is idle; in batch it never is."
  (when (memq #'eglot-ensure (buffer-local-value 'upsun-mode-hook (current-buffer)))
    (call-interactively #'eglot)))

(defun drive-everything ()
  "Return what is seen."
  (find-file (getenv "OTHER"))
  (let ((elsewhere (list (symbol-name major-mode) (and (eglot-managed-p) t))))
    (find-file (getenv "FILE"))
    (let ((mode (symbol-name major-mode)))
      (drive-attach)
      (drive-wait "the server" #'eglot-managed-p)
      (drive-wait "a diagnostic" (lambda () (flymake-start) (flymake-diagnostics)))
      (let* ((server (eglot-current-server))
             (found (mapcar (lambda (one)
                              `((line . ,(line-number-at-pos (flymake-diagnostic-beg one)))
                                (text . ,(flymake-diagnostic-text one))))
                            (flymake-diagnostics)))
             (at (flymake-diagnostic-beg (car (flymake-diagnostics))))
             hover action)
        (goto-char (point-min))
        (search-forward "queue:")
        (goto-char (match-beginning 0))
        (setq hover (plist-get (plist-get (jsonrpc-request server :textDocument/hover
                                                           (eglot--TextDocumentPositionParams))
                                          :contents)
                               :value))
        (goto-char at)
        ;; A user is asked which action; this one takes the first, by the keyboard.
        (let ((last-nonmenu-event ?\r))
          (cl-letf (((symbol-function 'completing-read)
                     (lambda (_prompt choices &rest _) (caar choices))))
            (eglot-code-actions at (1+ at) "quickfix" t)))
        (drive-wait "the fix" (lambda () (not (string-match-p "&" (buffer-string)))))
        (setq action (buffer-string))
        ;; What was typed is sent as soon as Emacs is idle; in batch it never is.
        (eglot--signal-textDocument/didChange)
        (goto-char (point-min))
        (search-forward "mail:")
        (goto-char (match-beginning 0))
        (eglot-rename "post")
        (let ((renamed (buffer-string))
              (process (jsonrpc--process server)))
          (eglot-shutdown server)
          (drive-wait "the end of the server" (lambda () (not (process-live-p process))))
          `((version . ,emacs-version)
            (elsewhere . ,(vconcat (list (car elsewhere) (or (cadr elsewhere) :json-false))))
            (mode . ,mode)
            (server . ,(plist-get (eglot--server-info server) :name))
            (diagnostics . ,(vconcat found))
            (hover . ,hover)
            (action . ,action)
            (rename . ,renamed)))))))

(let ((seen (condition-case failure
                (drive-everything)
              (error `((failure . ,(error-message-string failure)))))))
  (with-temp-file (getenv "RESULT")
    (insert (json-encode seen))))

;;; drive.el ends here
