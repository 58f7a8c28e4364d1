"""Answers as tables: the members of an object, stated once, build it and are its JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

Schema = dict[str, Any]
Write = Callable[[Any], Any]


class Form:
    """What a value looks like in an answer.

    schema: its JSON Schema. write: makes it of the value; None where the value is JSON as it
    stands, as numbers, texts and arrays are. parts: the records that the schema refers to.
    """

    def __init__(
        self, schema: Schema, write: Write | None = None, parts: tuple[Record, ...] = ()
    ) -> None:
        self.schema, self.write, self.parts = schema, write, parts

    def said(self, doc: str) -> Form:
        """The same, with these words on what it is here."""
        return Form(self.schema | {"description": doc}, self.write, self.parts)


@dataclass(frozen=True)
class Member:
    """A member of an object. get: finds its value in what the object is made of, the name of an
    attribute or a function; the attribute of its own name, by default. optional: left out where
    there is no value (None).
    """

    name: str
    form: Form
    get: str | Callable[[Any], Any] | None = None
    optional: bool = False

    @property
    def getter(self) -> Callable[[Any], Any]:
        """The function that finds the value."""
        return self.get if callable(self.get) else attrgetter(self.get or self.name)


class Record(Form):
    """An object of these members and no others, a component of the contract by its name."""

    def __init__(self, name: str, doc: str, *members: Member) -> None:
        nested = (part for each in members for part in each.form.parts)
        super().__init__(ref(name).schema, self.written, (self, *nested))
        self.name, self.doc, self.members = name, doc, members
        self._rows = [(each.name, each.getter, each.form.write, each.optional) for each in members]

    def written(self, source: Any, without: Collection[str] = ()) -> dict[str, Any]:
        """The object, made of what has its values. without: optional members to leave out."""
        found: dict[str, Any] = {}
        for name, get, write, optional in self._rows:
            if optional and name in without:
                continue
            value = get(source)
            if value is not None or not optional:
                found[name] = value if write is None else write(value)
        return found

    @property
    def component(self) -> Schema:
        """Its JSON Schema, in full."""
        schema: Schema = {
            "type": "object",
            "description": self.doc,
            "properties": {each.name: each.form.schema for each in self.members},
        }
        required = [each.name for each in self.members if not each.optional]
        if required:
            schema["required"] = required
        return schema | {"additionalProperties": False}


def ref(name: str) -> Form:
    """What a component describes."""
    return Form({"$ref": f"#/components/schemas/{name}"})


def exactly_one(first: str, *others: str) -> Schema:
    """That an object has exactly one of these members. Said as a condition, which validators know
    and generators of clients pass over; a `oneOf` beside `properties` makes of the object a choice
    between objects of no members.
    """
    if not others:
        return {"required": [first]}
    given = [{"required": [name]} for name in others]
    none_other = {"not": given[0] if len(given) == 1 else {"anyOf": given}}
    return {"if": {"required": [first]}, "then": none_other, "else": exactly_one(*others)}


def text(doc: str) -> Form:
    """A string."""
    return Form({"type": "string", "description": doc})


def one_of_growing(words: Collection[str], doc: str) -> Form:
    """One of a list of words that will get longer. It is no `enum`: a client that was made of one
    would fail to read an answer with a newer word.
    """
    return Form({"type": "string", "description": doc, "x-extensible-enum": list(words)})


def count(doc: str) -> Form:
    """A whole number."""
    return Form({"type": "integer", "minimum": 0, "description": doc})


def list_of(form: Form, doc: str = "") -> Form:
    """An array."""
    schema = {"type": "array", "items": form.schema} | ({"description": doc} if doc else {})
    write = form.write
    if write is None:
        return Form(schema)
    return Form(schema, lambda values: list(map(write, values)), form.parts)


def by_name(form: Form, doc: str) -> Form:
    """An object with a value for each name."""
    schema = {"type": "object", "description": doc, "additionalProperties": form.schema}
    write = form.write
    if write is None:
        return Form(schema)
    return Form(
        schema, lambda values: {name: write(value) for name, value in values.items()}, form.parts
    )
