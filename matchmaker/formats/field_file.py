"""The vocabulary of fields as a YAML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from matchmaker.domain import fields
from matchmaker.domain.member import Text
from matchmaker.errors import UnreadableFile

FIELDS = "fields.yaml"
"""Its name in the alliance's folder."""
MOST = 12
"""Fields that a picture can still show."""

Word = Annotated[str, Field(min_length=1, max_length=60)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class WordFields(_Closed):
    """The words of one field."""

    en: tuple[Word, ...] = ()
    ko: tuple[Word, ...] = ()


class FieldFields(_Closed):
    """One field."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    en: Word
    ko: Word
    words: WordFields

    def to_domain(self) -> fields.Field:
        """As the domain has it."""
        return fields.Field(self.code, Text(self.en, self.ko), self.words.en, self.words.ko)


class VocabularyFields(_Closed):
    """The whole file."""

    fields: Annotated[tuple[FieldFields, ...], Field(max_length=MOST)]

    @model_validator(mode="after")
    def _codes_are_distinct(self) -> VocabularyFields:
        codes = [each.code for each in self.fields]
        if len(set(codes)) < len(codes) or fields.OTHER in codes:
            raise ValueError("each field needs a code of its own, and none may be “other”")
        return self


def read_vocabulary(path: Path) -> fields.Vocabulary:
    """The vocabulary of a file; an empty one, which calls everything “other”, where there is no file.

    Raises:
        UnreadableFile: it is there but cannot be used.
    """
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        parsed = VocabularyFields.model_validate(content)
    except FileNotFoundError:
        return fields.Vocabulary()
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise UnreadableFile(f"{path.name} holds no fields that can be used: {error}") from error
    return fields.Vocabulary(tuple(each.to_domain() for each in parsed.fields))
