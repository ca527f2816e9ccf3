"""The connections of Laravel's queue workers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.worker_texts import starting
from tests.support import CONFIG, apply_fix, findings
from upsun_rules.frameworks.php_arrays import PhpArray, returned_array

QUEUE = """\
<?php

use App\\Jobs;

return [
    /* the default */
    'default' => env('QUEUE_CONNECTION', 'redis'),
    // 'connections' => ['a' => []],
    'connections' => [
        'sync' => ['driver' => 'sync'],
        'nothing' => ['driver' => "null",],
        'orders' => array(
            'driver' => 'redis', # it's here
            'queue' => env('REDIS_QUEUE', '{default}'),
            'options' => fn ($a) => ['b' => 1],
        ),
    ],
    'failed' => ['driver' => 'x'] + ['a' => 'b'],
];
"""
RULE = "unknown-queue-connection"


def reported(command: str, queue: str = QUEUE) -> list[str]:
    return [finding.message for finding in findings({CONFIG: starting(command), "config/queue.php": queue}, RULE)]


def test_the_name_that_is_meant_is_offered() -> None:
    files = {CONFIG: starting("php artisan queue:work --queue=high odrers --max-time=3600"), "config/queue.php": QUEUE}
    (finding,) = findings(files, RULE)
    assert finding.region.text == "odrers"
    assert finding.message.endswith("did you mean `orders`?")
    assert apply_fix(files, finding) == files[CONFIG].replace("odrers", "orders")


@pytest.mark.parametrize(("command", "word"), [("high", "--queue"), ("sync", "at once"), ("nothing", "throws")])
def test_a_connection_without_jobs(command: str, word: str) -> None:
    (message,) = reported(f"php artisan queue:work {command}")
    assert word in message


@pytest.mark.parametrize(
    "command",
    [
        "php artisan queue:work",
        "php artisan queue:work orders",
        "php artisan queue:work database",
        "php artisan queue:work --queue high orders",
        "php artisan queue:work $CONNECTION",
        "php artisan queue:restart",
    ],
)
def test_a_connection_that_is_there(command: str) -> None:
    assert reported(command) == []


@pytest.mark.parametrize(
    "queue",
    [
        "",
        "<?php return ['connections' => [...$others, 'a' => []]];",
        "<?php return ['connections' => [Kind::A->value => []]];",
        "<?php return ['connections' => array_merge(['a' => []], $b)];",
        "<?php return ['connections' => ['a' => []] + $b];",
        "<?php return array_merge(['connections' => ['a' => []]], $b);",
        "<?php return ['connections' => $a];",
        "<?php $a = ['connections' => ['a' => []]]; return $a;",
        '<?php return ["connections" => ["a$b" => []]];',
    ],
)
def test_connections_that_are_computed_say_nothing(queue: str) -> None:
    assert reported("php artisan queue:work high", queue) == []


def test_an_array_is_read_with_its_literals() -> None:
    array = returned_array(QUEUE)
    assert array is not None and array.is_whole
    assert [*array.entries] == ["default", "connections", "failed"]
    assert array.entries["default"][1] is None and array.entries["failed"][1] is None
    connections = array.entries["connections"][1]
    assert isinstance(connections, PhpArray) and [*connections.entries] == ["sync", "nothing", "orders"]
    orders = connections.entries["orders"][1]
    assert isinstance(orders, PhpArray) and [*orders.entries] == ["driver", "queue", "options"]


@given(st.text(alphabet="<?return[]()'\"=>,;a\\ /*#\n$"))
def test_no_text_makes_it_fail(text: str) -> None:
    returned_array(f"<?php return [{text}")
    returned_array(text)
