"""Style sheet, script and icon of the pages."""

from __future__ import annotations

import os

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOREVER = "public, max-age=31536000, immutable"


class HashedFiles(StaticFiles):
    """Files whose addresses carry a digest of their content (``?v=``) are kept by browsers for good."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file, cacheable where its address names its content."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        if b"v=" in scope["query_string"]:
            response.headers["Cache-Control"] = FOREVER
        return response
