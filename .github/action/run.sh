#!/usr/bin/env bash
# What the action does. Every input comes in a variable, so that none of them is ever read as a script.
#
# Python runs isolated (-I), without its variables: it imports nothing from the checkout, which is the working directory.
set -euo pipefail
for name in "${!PYTHON@}"; do unset "$name"; done

# Words may hold anything but a line break.
words=(check)
while IFS= read -r word; do
  if [[ -n "$word" ]]; then words+=("$word"); fi
done <<<"${UPSUN_LINT_ARGUMENTS:-}"

# Without a format it is text for the log, annotations and the summary of the job. What is uploaded needs no annotations.
if [[ "${UPSUN_LINT_SARIF:-false}" == true ]]; then
  sarif="$RUNNER_TEMP/upsun-lint.sarif" summary="$RUNNER_TEMP/upsun-lint.md"
  words+=(--format text --format "sarif=$sarif" --format "markdown=$summary")
fi

words+=(--)
while IFS= read -r word; do
  if [[ -n "$word" ]]; then words+=("$word"); fi
done <<<"${UPSUN_LINT_PATHS:-.}"

# The version of the action is the version of the linter; what it needs has the versions and hashes of the locks.
(
  cd "$RUNNER_TEMP"
  python -I -m venv upsun-lint
)
bin="$RUNNER_TEMP/upsun-lint/bin"
if [[ ! -d "$bin" ]]; then bin="$RUNNER_TEMP/upsun-lint/Scripts"; fi
install() {
  (cd "$RUNNER_TEMP" && "$bin/python" -I -m pip install --quiet --disable-pip-version-check "$@")
}
locks="$GITHUB_ACTION_PATH/ci"
install --require-hashes -r "$locks/requirements.txt" -r "$locks/build-requirements.txt"
install --no-deps --no-build-isolation --no-index "$GITHUB_ACTION_PATH"

status=0
"$bin/python" -I -m upsun_lint "${words[@]}" || status=$?

# Findings fail the job, unless they are uploaded: a failed step would keep the upload from happening.
if [[ -n "${sarif:-}" && "$status" -lt 2 ]]; then
  cat "$summary" >>"$GITHUB_STEP_SUMMARY"
  echo "sarif-file=$sarif" >>"$GITHUB_OUTPUT"
  status=0
fi
exit "$status"
