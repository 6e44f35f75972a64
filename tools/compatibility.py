"""Does a new OpenAPI document still serve everybody who was served by the old one?

    python -m tools.compatibility tests/contract/openapi.released.json api/openapi.json

What callers send may be accepted more widely, never more narrowly; what they are answered may gain fields, never lose
any. In detail, each of these is a break:

- an operation, a parameter, a media type, an answer's status, header or example code, or a field is gone;
- an ``operationId`` is another, for client generators name methods by it;
- a parameter, a body or a field of a body is needed that was not; a key is needed that was not;
- a value that was accepted is refused: another type, a lost ``enum`` member, a tighter bound, a new or other pattern;
- a field that was always answered may be missing, or its type is another or has grown by one (null, for example).

An answer's ``enum`` may grow: callers are told to expect what they do not know.
"""

from __future__ import annotations

import json
import operator
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]

UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
ANY = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})


def breaks(old: Schema, new: Schema) -> list[str]:
    """What callers of the old document would trip over, one sentence each; empty where there is nothing."""
    return list(dict.fromkeys(_Comparison(old, new).operations()))


@dataclass(frozen=True)
class _Comparison:
    old: Schema
    new: Schema

    def operations(self) -> Iterator[str]:
        for path, methods in self.old["paths"].items():
            for method, operation in methods.items():
                where = f"{method.upper()} {path}"
                present = self.new["paths"].get(path, {}).get(method)
                if present is None:
                    yield f"{where}: the operation is gone"
                else:
                    yield from self._operation(where, operation, present)

    def _operation(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{where}: operationId is another"
        if new.get("security") and not old.get("security"):
            yield f"{where}: a key is needed now"
        yield from self._parameters(where, old, new)
        yield from self._body(where, old.get("requestBody"), new.get("requestBody"))
        yield from self._answers(where, old["responses"], new["responses"])

    def _parameters(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        before, after = (_by_name(each.get("parameters", ())) for each in (old, new))
        for key, parameter in before.items():
            place = f"{where}: {key[0]} parameter {key[1]}"
            if key not in after:
                yield f"{place} is gone"
            else:
                yield from self._sent(place, parameter["schema"], after[key]["schema"])
        for key, parameter in after.items():
            was_needed = before.get(key, {}).get("required", False)
            if parameter.get("required") and not was_needed:
                yield f"{where}: {key[0]} parameter {key[1]} is needed now"

    def _body(self, where: str, old: Schema | None, new: Schema | None) -> Iterator[str]:
        if new is not None and new.get("required") and not (old or {}).get("required"):
            yield f"{where}: a body is needed now"
        for media_type, content in (old or {}).get("content", {}).items():
            present = (new or {}).get("content", {}).get(media_type)
            if present is None:
                yield f"{where}: a body as {media_type} is refused"
            else:
                yield from self._sent(f"{where}: body", content.get("schema", {}), present.get("schema", {}))

    def _answers(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        for status, answer in old.items():
            place = f"{where}: answer {status}"
            if status not in new:
                yield f"{place} is gone"
                continue
            for header in sorted(set(answer.get("headers", {})) - set(new[status].get("headers", {}))):
                yield f"{place}: header {header} is gone"
            yield from self._contents(place, answer.get("content", {}), new[status].get("content", {}))

    def _contents(self, place: str, old: Schema, new: Schema) -> Iterator[str]:
        for media_type, content in old.items():
            if media_type not in new:
                yield f"{place} as {media_type} is gone"
                continue
            for code in sorted(set(content.get("examples", {})) - set(new[media_type].get("examples", {}))):
                yield f"{place}: code {code} is gone"
            yield from self._told(place, content.get("schema", {}), new[media_type].get("schema", {}))

    def _sent(
        self, where: str, old: Schema, new: Schema, seen: frozenset[str] = frozenset()
    ) -> Iterator[str]:
        """A value that callers send: whatever fitted must fit."""
        if (pair := f"{old.get('$ref')}>{new.get('$ref')}") in seen:
            return
        seen = seen | {pair} if "$ref" in old else seen
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        if lost := _types(self.old, old) - _types(self.new, new):
            yield f"{where}: {', '.join(sorted(lost))} is refused"
            return
        yield from _narrowed(where, old, new)
        for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            yield f"{where}/{name} is needed now"
        yield from self._fields(where, old, new, seen, self._sent)
        if old.get("additionalProperties", True) is not False and new.get("additionalProperties") is False:
            yield f"{where}: unknown fields are refused"
        yield from self._branches(where, old, new, seen, self._sent)

    def _told(
        self, where: str, old: Schema, new: Schema, seen: frozenset[str] = frozenset()
    ) -> Iterator[str]:
        """A value that callers are answered: what they rely on must still hold."""
        if (pair := f"{old.get('$ref')}>{new.get('$ref')}") in seen:
            return
        seen = seen | {pair} if "$ref" in old else seen
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        if added := _types(self.new, new) - _types(self.old, old):
            yield f"{where}: may be {', '.join(sorted(added))} now"
            return
        for name in sorted(set(old.get("required", ())) - set(new.get("required", ()))):
            yield f"{where}/{name} may be missing now"
        yield from self._fields(where, old, new, seen, self._told)
        yield from self._branches(where, old, new, seen, self._told)

    def _fields(
        self, where: str, old: Schema, new: Schema, seen: frozenset[str], compare: Any
    ) -> Iterator[str]:
        present = new.get("properties", {})
        for name, schema in old.get("properties", {}).items():
            if name not in present:
                yield f"{where}/{name} is gone"
            else:
                yield from compare(f"{where}/{name}", schema, present[name], seen)
        if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
            yield from compare(f"{where}/*", old["items"], new["items"], seen)

    def _branches(
        self, where: str, old: Schema, new: Schema, seen: frozenset[str], compare: Any
    ) -> Iterator[str]:
        """Alternatives are compared with those of the same type: pydantic writes one for each."""
        others = {_kind(self.new, each): each for each in filter(_is_typed, new.get("anyOf", ()))} or {
            _kind(self.new, new): new
        }
        for each in filter(_is_typed, old.get("anyOf", ())):
            if (kind := _kind(self.old, each)) in others:
                yield from compare(where, each, others[kind], seen)


def _by_name(parameters: Sequence[Schema]) -> dict[tuple[str, str], Schema]:
    return {(each["in"], each["name"]): each for each in parameters}


def _resolved(document: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _types(document: Schema, schema: Schema) -> frozenset[str]:
    """JSON types that a schema lets through, as far as ``type``, ``enum``, ``const`` and ``anyOf`` say."""
    schema = _resolved(document, schema)
    if "type" in schema:
        named = schema["type"]
        found = frozenset([named] if isinstance(named, str) else named)
        return found | {"integer"} if "number" in found else found
    if alternatives := list(filter(_is_typed, schema.get("anyOf", ()))):
        return frozenset().union(*(_types(document, each) for each in alternatives))
    return ANY


def _is_typed(schema: Schema) -> bool:
    """Alternatives of needed fields alone are told apart by no type; they are not compared."""
    return bool(set(schema) - {"required"})


def _kind(document: Schema, schema: Schema) -> tuple[str, ...]:
    return tuple(sorted(_types(document, schema)))


def _narrowed(where: str, old: Schema, new: Schema) -> Iterator[str]:
    if "enum" in new and (lost := set(map(str, old.get("enum", ["others"]))) - set(map(str, new["enum"]))):
        yield f"{where}: {', '.join(sorted(lost))} is refused"
    for names, is_tighter in ((UPPER, operator.lt), (LOWER, operator.gt)):
        for name in names:
            if name in new and (name not in old or is_tighter(new[name], old[name])):
                yield f"{where}: {name} is {new[name]} now"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{where}: another pattern"
    if "const" in new and new["const"] != old.get("const"):
        yield f"{where}: only {new['const']} is accepted"


def main(arguments: Sequence[str]) -> int:
    """Print the breaks between two files; 1 where there are any."""
    old, new = (json.loads(Path(name).read_text(encoding="utf-8")) for name in arguments)
    found = breaks(old, new)
    print("\n".join(found) or "compatible")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
