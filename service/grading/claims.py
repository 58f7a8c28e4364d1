"""The shape of claims: of which kinds they are, and that the reference has what they speak of.

Whoever sets a question writes the names; students fill in numbers and formulas. So a name that the
reference lacks is a fault of the message, and an answer that cannot be read is an item of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final

from autograd_core import UNNAMED, ArgumentError, Fault, did_you_mean, in_words
from service.grading.reference import Reference

# Where the names are that a kind of claims may speak of; the quickest to be found first.
_Known = Callable[[Reference], Iterator[Collection[str]]]


def require_claims(reference: Reference, claims: Mapping[str, Any]) -> None:
    """Raise ArgumentError, with paths ("claims", ...), where the claims fit no reference, or not
    this one.
    """
    faults = [*islice(_faults(reference, claims), reference.limits.faults)]
    if not faults and not any(_entries(claims)):
        faults = [Fault("missing_member", "nothing is claimed: there is nothing to judge")]
    if faults:
        raise ArgumentError(fault.under("claims") for fault in faults)


def _entries(claims: Mapping[str, Any]) -> Iterator[bool]:
    """Whether each kind of claims has some."""
    for kind, written in claims.items():
        if kind in _BY_NAMES:
            yield any(map(bool, written.values()))
        elif kind in _BY_NAME:
            yield bool(written)
        else:
            yield True


def count_of(claims: Mapping[str, Any]) -> int:
    """How many claims there are, of which each becomes an item."""
    count = 0
    for kind, written in claims.items():
        if kind in _BY_NAMES:
            count += sum(map(len, written.values()))
        else:
            count += len(written) if kind in _BY_NAME else 1
    return count


def _faults(reference: Reference, claims: Mapping[str, Any]) -> Iterator[Fault]:
    for kind, written in claims.items():
        if kind in _BY_NAME:
            yield from _named(reference, written, (kind,), _BY_NAME[kind])
        elif kind in _BY_NAMES:
            rows, columns = _BY_NAMES[kind]
            yield from _named(reference, written, (kind,), rows)
            if isinstance(written, Mapping):
                for name, row in written.items():
                    yield from _named(reference, row, (kind, name), columns)
        elif kind not in KINDS:
            detail = f"nothing called {kind!r} can be claimed{did_you_mean(kind, KINDS)}"
            yield Fault("unknown_member", detail, (kind,))


def _named(
    reference: Reference, written: Any, path: tuple[str, ...], known: _Known
) -> Iterator[Fault]:
    """What is wrong with an object of claims by name."""
    if not isinstance(written, Mapping):
        yield Fault("wrong_type", f"expected an object, found {in_words(written)}", path)
        return
    for name in written:
        if not any(name in names for names in known(reference)):
            what = "part of a node" if known is _parts else "node or input of the reference"
            closest = did_you_mean(name, chain.from_iterable(known(reference)))
            yield Fault("unknown_name", f"no {what} is called {name!r}{closest}", (*path, name))


def _inputs(reference: Reference) -> Iterator[Collection[str]]:
    yield reference.inputs


def _passed(reference: Reference) -> Iterator[Collection[str]]:
    """Inputs, and the nodes that the output is made of."""
    yield reference.result.gradients.keys()
    yield reference.nodes.keys()


def _anything(reference: Reference) -> Iterator[Collection[str]]:
    yield reference.bindings.keys()
    yield reference.graph.codes.keys()


def _outputs(reference: Reference) -> Iterator[Collection[str]]:
    yield (UNNAMED,)
    yield from _anything(reference)


def _parts(reference: Reference) -> Iterator[Collection[str]]:
    yield ("value", "gradient")


_BY_NAME: Final[Mapping[str, _Known]] = {"gradients": _passed, "derivatives": _inputs}
_BY_NAMES: Final[Mapping[str, tuple[_Known, _Known]]] = {
    "nodes": (_passed, _parts),
    "jacobian": (_outputs, _anything),
    "hessian": (_anything, _anything),
}
KINDS: Final = ("value", *_BY_NAME, *_BY_NAMES, "function")
