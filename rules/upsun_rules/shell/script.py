"""What a shell text holds: its commands, endless loops, traps and variables, and what it ends with.

Positions are 0-based code points in the text that was given to `shell.parse`, end exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Region

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = [
    "Absence",
    "ChainStep",
    "Command",
    "CommandSpan",
    "Loop",
    "Redirect",
    "ResolvedText",
    "Script",
    "ScriptEdit",
    "Sleep",
    "Trap",
    "VariableUse",
    "Word",
]


class CommandSpan(NamedTuple):
    """A stretch of the text: 0-based code points, end exclusive."""

    start: int
    end: int


class ScriptEdit(NamedTuple):
    """A stretch of the text (0-based code points, end exclusive) and what to write there instead."""

    start: int
    end: int
    text: str


class Word(NamedTuple):
    """One word of a command.

    `text` is the word with its quotes and backslashes removed. When `literal` is false the shell still has to
    compute a part of it, and that part is in `text` as it was written (`--queue=$QUEUE`).
    """

    text: str
    literal: bool
    start: int
    end: int


class ChainStep(NamedTuple):
    """A step from a command to what runs in its place: `npm run worker` runs a script of `package.json`.

    `command` is the command as it is written, `region` is what it runs, in the file that defines that. `name` is what
    the file calls it; "" for a file that is a script itself.
    """

    command: str
    region: Region
    name: str = ""


class Command:
    """One simple command, with what surrounds it.

    `words` begin after the prefixes that only run something else; `prefixes` names those, outermost first
    (`exec nohup nice -n 5 php artisan x` has the words `php artisan x` and the prefixes `exec`, `nohup`, `nice`).
    `program` is the base name of what really runs, looking through interpreters: `php artisan x`, `./artisan x` and
    `/app/artisan x` are all "artisan", `python -m celery` is "celery". It is "" when only the shell can tell.
    `arguments` are the words after the program. `name` is the word that names the program.

    `foreground` is true when the shell waits for it on its way through the script: it is not in the background, in a
    function, in a substitution or in an endless loop, and it is not after an `exec`, an `exit` or an endless loop.
    `loop` is the endless loop it is in, as an index into `Script.loops`; `repeated` is true in any loop.

    `timeout` is the seconds granted by `timeout N`, infinite when there is none or it is unknown or disabled.
    `in_subshell` is true between parentheses, where `cd` and assignments end with them.
    `start` and `end` cover the command with its prefixes and assignments, without redirections. In a script handed
    to `sh -c` inside quotes that change the text (backslashes), all positions are those of the whole quoted word, and
    `exact` is false: such a command must not be edited. The same is true of what a command runs that was resolved:
    `chain` has the steps that lead there, and all positions are those of the command that is written in the text.

    `folder` is where it runs, relative to the application's; None where that is unknown, as in a function.

    No named tuple, so that `recognize`, which a dozen rules ask about each command, can keep its answer in
    `recognition`: a tuple of what it is, or None before that was asked.
    """

    __slots__ = (
        *("ampersand", "arguments", "chain", "conditional", "end", "exact", "folder", "foreground", "in_function"),
        *("in_subshell", "in_substitution", "loop", "name", "prefixes", "program", "recognition", "repeated", "start"),
        *("timeout", "words"),
    )

    def __init__(
        self,
        words: tuple[Word, ...],
        name: Word,
        program: str,
        arguments: tuple[Word, ...],
        prefixes: tuple[str, ...],
        timeout: float,
        start: int,
        end: int,
        *,
        exact: bool,
        foreground: bool,
        ampersand: CommandSpan | None,
        loop: int | None,
        repeated: bool,
        conditional: bool,
        in_function: bool,
        in_substitution: bool,
        in_subshell: bool,
        chain: tuple[ChainStep, ...] = (),
        folder: str | None = None,
    ) -> None:
        self.words = words
        self.name = name
        self.program = program
        self.arguments = arguments
        self.prefixes = prefixes
        self.timeout = timeout
        self.start = start
        self.end = end
        self.exact = exact
        self.foreground = foreground
        self.ampersand = ampersand
        self.loop = loop
        self.repeated = repeated
        self.conditional = conditional
        self.in_function = in_function
        self.in_substitution = in_substitution
        self.in_subshell = in_subshell
        self.chain = chain
        self.folder = folder
        self.recognition: tuple[Any] | None = None

    def __repr__(self) -> str:
        """All that was read; what `recognize` keeps here is not part of it."""
        fields = [f"{name}={getattr(self, name)!r}" for name in self.__slots__ if name != "recognition"]
        return f"Command({', '.join(fields)})"

    @property
    def bare(self) -> CommandSpan:
        """Where the command is, without its prefixes and assignments."""
        return CommandSpan(self.words[0].start, self.end)

    @property
    def background(self) -> bool:
        """Whether a lone `&` sends this command, or a list or group around it, to the background."""
        return self.ampersand is not None


class Sleep(NamedTuple):
    """A `sleep` inside an endless loop.

    `seconds` is infinite for `sleep infinity` and None when the shell computes it. `always` is false when a condition
    inside the loop decides whether it is reached.
    """

    command: Command
    seconds: float | None
    always: bool


class Loop(NamedTuple):
    """A loop whose condition never fails and that holds no `break`, as `while true`, `until false`, `for ((;;))`.

    `commands` are those of the condition and the body, without those of an endless loop further inside.
    `exact` and `chain` are as for commands.
    """

    start: int
    end: int
    exact: bool
    ampersand: CommandSpan | None
    commands: tuple[Command, ...]
    sleeps: tuple[Sleep, ...]
    chain: tuple[ChainStep, ...] = ()

    @property
    def background(self) -> bool:
        """Whether the loop itself is sent to the background."""
        return self.ampersand is not None

    @property
    def pause(self) -> float | None:
        """Seconds slept on every round; None when there is no such sleep or one of them is computed."""
        seconds = [sleep.seconds for sleep in self.sleeps if sleep.always]
        known = [value for value in seconds if value is not None]
        return sum(known) if known and len(known) == len(seconds) else None


class Redirect(NamedTuple):
    """A redirection to or from a file: `sign` is its operator (`>`, `>>`, `<`, …), `target` the file.

    `start` and `end` cover the operator and the file; `in_function`, `exact` and `folder` are as for commands.
    """

    sign: str
    target: Word
    start: int
    end: int
    exact: bool
    in_function: bool
    folder: str | None = None


class VariableUse(NamedTuple):
    """The first use of the value of a variable: where it is, and how the text leads there, as for commands.

    `has_default` is true if this or another use gives a default, or checks whether there is a value.
    """

    start: int
    end: int
    chain: tuple[ChainStep, ...] = ()
    has_default: bool = False


class Trap(NamedTuple):
    """A `trap`: `handler` is the text to run ("" ignores the signals, "-" restores them); `signals` lack "SIG"."""

    command: Command
    handler: str
    signals: tuple[str, ...]

    @property
    def ignores_stop(self) -> bool:
        """Whether the platform's stop signal, SIGTERM, is thrown away."""
        return not self.handler and "TERM" in self.signals


class Absence(NamedTuple):
    """What a command runs is not there: the script `name` of the file `path`, or that file if `name` is "".

    `near` is a name that may be meant, "" if there is none. `is_circle` is true for a script that runs itself.
    """

    command: Command
    path: str
    name: str = ""
    near: str = ""
    is_circle: bool = False


class ResolvedText(NamedTuple):
    """A shell text that runs in the place of a command.

    `region` is where it is defined; with `is_same`, the text is that of the region, character for character.
    """

    command: Command
    text: str
    region: Region
    is_same: bool


class Script(NamedTuple):
    """What a shell text runs.

    - `commands`: every simple command in source order. A shell with a literal script (`sh -c '…'`) is
      replaced by the commands of that script.
    - `loops`: the endless loops; `Command.loop` is an index into them.
    - `tail`: what keeps the script running at its end: the last foreground command, or several for branches, both sides
      of `||` and pipelines. Empty when that is not a command (an assignment, a loop that ends).
    - `left_behind`: what the script sends to the background as its very last act, so that it ends at once.
    - `variables`: the variables whose value is used, with the place of the first use.
    - `redirects`: the redirections to and from files, in no certain order.
    - `assigned`: the variables the script gives a value itself.
    - `absences`: what the text runs that the files of the repository do not have.
    - `texts`: what runs in the place of commands, those that are not valid shell included.
    - `has_error`: the text is not valid shell (or absurdly long). Everything else is then empty, so no rule
      concludes anything from text that is only partly understood.
    """

    commands: tuple[Command, ...] = ()
    loops: tuple[Loop, ...] = ()
    tail: tuple[Command | Loop, ...] = ()
    left_behind: tuple[Command | Loop, ...] = ()
    variables: Mapping[str, VariableUse] = MappingProxyType({})
    redirects: tuple[Redirect, ...] = ()
    assigned: frozenset[str] = frozenset()
    traps: tuple[Trap, ...] = ()
    absences: tuple[Absence, ...] = ()
    texts: tuple[ResolvedText, ...] = ()
    has_error: bool = False

    @property
    def foreground(self) -> tuple[Command, ...]:
        """The commands the shell waits for, one after the other."""
        return tuple(command for command in self.commands if command.foreground)

    @property
    def waits(self) -> bool:
        """Whether the shell waits for its background jobs with `wait`."""
        return any(command.program == "wait" and not command.background for command in self.commands)
