"""The web application, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from anyio import to_thread
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from api import errors, headers, idempotency, openapi, rates
from api.cursors import Cursors, load_key
from api.pages import STATIC
from api.pages import router as pages_router
from api.pages.errors import render_error
from api.routers import bulk, calls, jobs, members, pairs, partnerships, service, suggestions, webhooks
from api.startup import Startup
from api.static import HashedFiles
from matchmaker import __version__
from matchmaker.bootstrap import Matchmaker, build_matchmaker


def create_app(matchmaker: Matchmaker | None = None) -> FastAPI:
    """The application over a product (default: the one that the environment describes).

    Nothing is opened or loaded until the server starts: then the index is built in the background, and until that is
    done requests are answered with 503.
    """
    product = matchmaker or build_matchmaker()
    app = FastAPI(
        title="Alliance Matchmaker",
        version=__version__,
        summary="Partners between Korea and Singapore, with reasons.",
        description=openapi.DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        middleware=[
            Middleware(headers.RequestIds),
            Middleware(headers.SecurityHeaders),
            Middleware(headers.HeadRequests),
            Middleware(rates.RateLimits, quotas=product.quotas),
            Middleware(headers.ErrorAnswers),
            Middleware(headers.AddressLimit),
            Middleware(headers.BodyLimit, limit=product.settings.max_body, larger=_larger(product)),
            Middleware(headers.SameSiteOnly),
            Middleware(idempotency.SafeRetries),
        ],
        # Off: logs of failed validations would quote what members wrote.
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    app.state.matchmaker = product
    app.state.startup = Startup(product)
    app.state.cursors = Cursors(partial(load_key, product.settings.var))
    errors.install(app, render_error)
    app.include_router(_version_1())
    app.include_router(service.router)
    app.include_router(pages_router)
    app.mount("/static", HashedFiles(directory=STATIC), name="static")
    app.openapi = openapi.describe(app)  # type: ignore[method-assign]
    return app


def _version_1() -> APIRouter:
    version_1 = APIRouter(prefix="/v1")
    for module in (members, bulk, jobs, suggestions, pairs, partnerships, calls, webhooks):
        version_1.include_router(module.router)
    return version_1


def _larger(product: Matchmaker) -> dict[str, int]:
    """Bodies that are files of members."""
    return dict.fromkeys(("/v1/members:import", "/import"), product.settings.import_max_body)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    startup: Startup = app.state.startup
    startup.begin()
    yield
    await to_thread.run_sync(startup.stop)
