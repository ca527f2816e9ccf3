"""Rules that the reader of a file, the schema and the engine apply by themselves: only their documentation is here."""

from __future__ import annotations

from upsun_rules.finding import Severity
from upsun_rules.rule import documented

TOPIC = "The structure of a file"

syntax_error = documented(
    "syntax-error",
    Severity.ERROR,
    """A file is not valid YAML.

The platform reads `.upsun/*.yaml` as YAML 1.1 and rejects a push whose files it cannot read. Only the part that
is not YAML is reported; the rest of the file is still checked.

A schedule that begins with `*` is the classic: unquoted, `*` begins a YAML alias.

```yaml title="wrong"
applications:
  app:
    type: 'php:8.4'
    crons:
      tick:
        spec: */5 * * * *
        commands:
          start: php tick.php
```

```yaml title="right"
applications:
  app:
    type: 'php:8.4'
    crons:
      tick:
        spec: '*/5 * * * *'
        commands:
          start: php tick.php
```
""",
    module=__name__,
    docs="configure-apps/yaml/what-is-yaml",
)

duplicate_key = documented(
    "duplicate-key",
    Severity.ERROR,
    """A key is set twice in the same map.

YAML forbids it. The platform's parser keeps the last value and drops the first without a word, so one of the two
does nothing.

```yaml title="wrong"
applications:
  app:
    type: 'python:3.13'
    workers:
      queue:
        commands:
          start: python queue.py
      queue:
        commands:
          start: python mail.py
```

```yaml title="right"
applications:
  app:
    type: 'python:3.13'
    workers:
      queue:
        commands:
          start: python queue.py
      mail:
        commands:
          start: python mail.py
```
""",
    module=__name__,
    docs="configure-apps/yaml/what-is-yaml",
)

unknown_key = documented(
    "unknown-key",
    Severity.ERROR,
    """A key is not one the platform knows at this place.

Depending on a setting of the project, an unknown key makes the push fail or is ignored without a word. Either
way it does not do what it was written for. A key that looks like a known one is named; a single slip of the
finger can be mended with `--fix`.

```yaml title="wrong"
applications:
  app:
    type: 'nodejs:24'
    mount:
      'uploads': {source: storage}
```

```yaml title="right"
applications:
  app:
    type: 'nodejs:24'
    mounts:
      'uploads': {source: storage}
```
""",
    module=__name__,
    docs="configure-apps",
    generic=True,
)

missing_key = documented(
    "missing-key",
    Severity.ERROR,
    """A key is missing that the platform needs.

The push is rejected: an application or a service without `type` has no image, a mount without `source` has no
disk, a cron without `spec` has no schedule.

```yaml title="wrong"
applications:
  app:
    type: 'php:8.4'
    mounts:
      'var/uploads':
        source_path: uploads
```

```yaml title="right"
applications:
  app:
    type: 'php:8.4'
    mounts:
      'var/uploads':
        source: storage
        source_path: uploads
```
""",
    module=__name__,
    docs="configure-apps",
    generic=True,
)

wrong_type = documented(
    "wrong-type",
    Severity.ERROR,
    """A value is of the wrong kind: a list where a map belongs, a number where text does.

The platform reads YAML 1.1, in which unquoted `on`, `yes`, `010`, `12:30` and `3.10` are not text; quoting them
makes them text.

```yaml title="wrong"
applications:
  app:
    type: 'ruby:3.4'
    workers:
      - name: queue
```

```yaml title="right"
applications:
  app:
    type: 'ruby:3.4'
    workers:
      queue:
        commands:
          start: bundle exec sidekiq
```
""",
    module=__name__,
    docs="configure-apps",
    generic=True,
)

invalid_value = documented(
    "invalid-value",
    Severity.ERROR,
    """A value is not one of those the platform allows here.

```yaml title="wrong"
applications:
  app:
    type: 'php:8.4'
    access:
      ssh: root
```

```yaml title="right"
applications:
  app:
    type: 'php:8.4'
    access:
      ssh: admin
```
""",
    module=__name__,
    docs="configure-apps",
    generic=True,
)

deprecated_key = documented(
    "deprecated-key",
    Severity.WARNING,
    """A key still works but has a successor.

It may stop working with any version of the platform; the message says what to write in its place.

```yaml title="wrong"
applications:
  app:
    type: 'php:8.4'
    web:
      document_root: /public
```

```yaml title="right"
applications:
  app:
    type: 'php:8.4'
    web:
      locations:
        '/':
          root: public
```
""",
    module=__name__,
    docs="configure-apps",
    generic=True,
)

unused_suppression = documented(
    "unused-suppression",
    Severity.WARNING,
    """A comment asks for silence about something that is not reported.

Such a comment was right once, or has a typing error in the rule's name. Left in place it would hide the next
mistake on its line.

```yaml title="wrong"
applications:
  app:
    type: 'php:8.4'
    # upsun-lint: ignore[crons-on-worker] moved long ago
    workers:
      queue:
        commands:
          start: php bin/console messenger:consume async --time-limit=3600
```

```yaml title="right"
applications:
  app:
    type: 'php:8.4'
    workers:
      queue:
        commands:
          start: php bin/console messenger:consume async --time-limit=3600
```
""",
    module=__name__,
    docs="configure-apps/workers",
)
