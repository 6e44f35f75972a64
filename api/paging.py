"""Pages of a list: where one ends and the next begins, by what stands there and not by counting.

A row that is inserted or removed meanwhile moves no other row into or out of the pages still to come.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from api.cursors import Cursors
from api.dependencies import get_cursors

Row = TypeVar("Row")
Key = tuple[Any, ...]
"""Where a row stands: strings and numbers, unique in its list."""

LINK: dict[str, Any] = {
    "Link": {"description": 'The next page, `rel="next"`; absent at the end.', "schema": {"type": "string"}}
}


@dataclass(frozen=True)
class Paging:
    """The page that a request asks for."""

    request: Request
    response: Response
    cursors: Cursors
    cursor: str | None

    def after(self, scope: object) -> Any:
        """What the page comes after; None for the first one.

        Args:
            scope: the list with its filters, anything that JSON can write: a cursor of another one is refused.

        Raises:
            Refusal: ``bad-cursor``.
        """
        return json.loads(self.cursors.read(self.cursor, scope)) if self.cursor else None

    def following(self, after: object | None, scope: object) -> str | None:
        """The cursor of the next page, which the answer then links to; None where there is none."""
        if after is None:
            return None
        cursor = self.cursors.sign(json.dumps(after), scope)
        if self.request.method == "GET":
            self.response.headers.append("Link", self._link(cursor))
        return cursor

    def cut(
        self, rows: Sequence[Row], key: Callable[[Row], Key], limit: int, scope: object
    ) -> tuple[Sequence[Row], str | None]:
        """The page of a list in order of its keys, and the cursor of the next one.

        Raises:
            Refusal: ``bad-cursor``.
        """
        after = self.after(scope)
        start = 0 if after is None else bisect_right(rows, tuple(after), key=key)
        page = rows[start : start + limit]
        has_more = start + limit < len(rows)
        return page, self.following(key(page[-1]) if has_more else None, scope)

    def _link(self, cursor: str) -> str:
        """Relative, so that no Host header finds its way into an answer."""
        asked = [(name, value) for name, value in self.request.query_params.multi_items() if name != "cursor"]
        return f'<{self.request.url.path}?{urlencode([*asked, ("cursor", cursor)])}>; rel="next"'


def get_paging(
    request: Request,
    response: Response,
    cursors: Annotated[Cursors, Depends(get_cursors)],
    cursor: Annotated[
        str | None,
        Query(max_length=500, description="`next` of the page before, asked with the same filter."),
    ] = None,
) -> Paging:
    """The page that a request asks for."""
    return Paging(request, response, cursors, cursor)


AskedPage = Annotated[Paging, Depends(get_paging)]
