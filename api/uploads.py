"""Files that come in: streamed to disk, private, and gone again unless a job takes them over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request

from api.dependencies import Product
from api.errors import Refusal
from matchmaker.services.bulk import Format

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    "application/jsonl": Format.JSON_LINES,
    "application/x-ndjson": Format.JSON_LINES,
    "application/x-jsonlines": Format.JSON_LINES,
    "text/csv": Format.TABLE,
    XLSX: Format.TABLE,
}


@dataclass
class Upload:
    """A body on disk. ``is_handed_over``: a job has it by now and removes it."""

    name: str
    path: Path
    size: int
    format: Format
    is_packed: bool
    is_handed_over: bool = False


async def receive_upload(request: Request, product: Product) -> AsyncIterator[Upload]:
    """The body of a request as a file.

    Raises:
        Refusal: ``unsupported-file``: its media type is none of `FORMATS`; ``body-too-large``.
    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared not in FORMATS:
        raise Refusal("unsupported-file", xlsx=XLSX)
    name, file = product.job_files.create()
    upload = Upload(name, product.job_files.folder / name, 0, FORMATS[declared], declared == XLSX)
    try:
        with file:
            async for chunk in request.stream():
                await to_thread.run_sync(file.write, chunk)
                upload.size += len(chunk)
        yield upload
    finally:
        if not upload.is_handed_over:
            product.job_files.remove(name)


Uploaded = Annotated[Upload, Depends(receive_upload)]
