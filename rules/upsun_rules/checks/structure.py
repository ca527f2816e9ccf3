"""Documentation of the rules that are checked by the parser, the schema and the engine."""

from __future__ import annotations

from upsun_rules.finding import Severity
from upsun_rules.rule import Rank, documented

TOPIC = "The structure of a file"

syntax_error = documented(
    "syntax-error",
    Severity.ERROR,
    """A file is not valid YAML, or as YAML it does not mean what it looks like.

The platform rejects a push if it cannot parse a file in `.upsun`. Its error messages suggest that it reads the
files as YAML 1.1. This linter reports the part that is not valid and still checks the rest of the file.

No-break spaces and typographic quotes are reported here, too. A file with them may be valid YAML, but they are letters
to YAML: the platform reads other keys and values than you see.

A common cause is a schedule that starts with `*`. Without quotes, `*` starts a YAML alias.

```yaml title="wrong"
applications:
  app:
    type: 'php:8.4'
    crons:
      drupal:
        spec: */5 * * * *
        commands:
          start: vendor/bin/drush core:cron
```

```yaml title="right"
applications:
  app:
    type: 'php:8.4'
    crons:
      drupal:
        spec: '*/5 * * * *'
        commands:
          start: vendor/bin/drush core:cron
```
""",
    module=__name__,
    docs="core-concepts/yaml/what-is-yaml",
    rank=Rank.TEXT,
)

duplicate_key = documented(
    "duplicate-key",
    Severity.ERROR,
    """A key appears twice in the same map.

YAML does not allow it. The platform's parser probably keeps the last value and silently drops the first, so one
of the two has no effect. Rename or remove one of them.

```yaml title="wrong"
applications:
  app:
    type: 'python:3.13'
    workers:
      queue:
        commands:
          start: celery -A project worker -Q default
      queue:
        commands:
          start: celery -A project worker -Q mail
```

```yaml title="right"
applications:
  app:
    type: 'python:3.13'
    workers:
      queue:
        commands:
          start: celery -A project worker -Q default
      mail:
        commands:
          start: celery -A project worker -Q mail
```
""",
    module=__name__,
    docs="core-concepts/yaml/what-is-yaml",
)

unknown_key = documented(
    "unknown-key",
    Severity.ERROR,
    """The platform does not know this key in this place.

Depending on a project setting, an unknown key makes the push fail or is silently ignored. In both cases it does
not do what you intended.

If the key looks like a typo, the message suggests the closest match. `--fix` corrects a single typo.

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
    rank=Rank.SHAPE,
)

missing_key = documented(
    "missing-key",
    Severity.ERROR,
    """A required key is missing.

The platform rejects the push. An application or service without `type` has no image, a mount without `source` has
no place for its files, and a cron job without `spec` has no schedule.

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
    rank=Rank.SHAPE,
)

wrong_type = documented(
    "wrong-type",
    Severity.ERROR,
    """A value has the wrong type, such as a list instead of a map.

The platform rejects the push. A common cause is a missing pair of quotes: the platform appears to read YAML 1.1,
where unquoted `on`, `yes`, `010`, `12:30` and `3.10` are booleans or numbers instead of text.

```yaml title="wrong"
applications:
  app:
    type: 'ruby:3.4'
    workers:
      - name: queue
        commands:
          start: bundle exec sidekiq
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
    rank=Rank.SHAPE,
)

dotted_key = documented(
    "dotted-key",
    Severity.WARNING,
    """A key below the top level starts with a dot.

At the top level of a file, such a key is the usual place for YAML anchors, and the platform ignores it. Further down,
sources disagree: an engineer of the platform has said that every key with a dot is ignored, but the published schema
rejects it.

Move the anchor to the top level. Paths of mounts are reported by `dotted-mount`.

```yaml title="wrong"
applications:
  .base: &base
    type: 'php:8.4'
  app:
    <<: *base
```

```yaml title="right"
.base: &base
  type: 'php:8.4'
applications:
  app:
    <<: *base
```
""",
    module=__name__,
    docs="core-concepts/yaml/yaml-structure",
)

invalid_value = documented(
    "invalid-value",
    Severity.ERROR,
    """A value is not one of the allowed values.

Some keys accept only certain values. The platform does not use any other, and it rejects most of them when you
push. The message lists the allowed values.

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
    rank=Rank.SHAPE,
)

deprecated_key = documented(
    "deprecated-key",
    Severity.WARNING,
    """A key is deprecated.

It still works but may stop working in the future. The message names its replacement.

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
    rank=Rank.SHAPE,
)

undocumented_value = documented(
    "undocumented-value",
    Severity.WARNING,
    """A value is not one of those that the documentation describes.

The platform's schema accepts any text here, so the push is not rejected for it. What the value does is unknown. An
`expires`, for example, is a number of seconds, or a number with one of the units `ms`, `s`, `m`, `h`, `d`, `w`, `M` and
`y`. The tag `!file` is not documented either.

```yaml title="wrong"
applications:
  app:
    type: 'php:8.4'
    web:
      locations:
        '/':
          root: public
          expires: 5 minutes
```

```yaml title="right"
applications:
  app:
    type: 'php:8.4'
    web:
      locations:
        '/':
          root: public
          expires: 5m
```
""",
    module=__name__,
    docs="configure-apps/image-properties/web#locations",
    rank=Rank.SHAPE,
)

unused_suppression = documented(
    "unused-suppression",
    Severity.WARNING,
    """A comment suppresses a finding that is not reported.

Either the problem has been fixed, or the name of the rule is misspelled. Remove or correct the comment. Otherwise
it can hide the next mistake in the same place.

To keep a comment although it suppresses nothing, name this rule in it, too: `ignore[php-extension,
unused-suppression]`. With `ignore-file[unused-suppression]`, no such comment of the file is reported.

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
