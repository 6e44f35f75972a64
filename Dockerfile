# The matchmaker in one container: migrate, import the alliance's directory, serve on port 8000.
#
#   docker build -t matchmaker .
#   docker run --read-only -v matchmaker:/var/lib/matchmaker -p 127.0.0.1:8000:8000 matchmaker
#
# PIP_ARGS  options of pip, for example an index that offers PyTorch's CPU build (see README.md)
# BASE      another base image with Python 3.11 or newer, for example one pinned by digest
ARG BASE=python:3.11-slim

FROM ${BASE} AS build
ARG PIP_ARGS=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/matchmaker
COPY requirements/runtime.txt requirements/
RUN /opt/matchmaker/bin/python -m pip install ${PIP_ARGS} -r requirements/runtime.txt
COPY pyproject.toml LICENSE ./
COPY api api
COPY embeddings embeddings
COPY matchmaker matchmaker
RUN /opt/matchmaker/bin/python -m pip install --no-deps --no-build-isolation .

FROM ${BASE}
LABEL org.opencontainers.image.title="Alliance Matchmaker" \
      org.opencontainers.image.description="Korea-Singapore AI partner suggestions with reasons, in Korean and English" \
      org.opencontainers.image.licenses="Apache-2.0 AND CC-BY-SA-4.0"
RUN useradd --system --uid 10001 --home-dir /var/lib/matchmaker --shell /usr/sbin/nologin matchmaker \
    && install -d -o matchmaker -g matchmaker /var/lib/matchmaker
COPY --from=build /opt/matchmaker /opt/matchmaker
COPY data/calls/*.yaml /usr/share/matchmaker/calls/
COPY data/alliance/*.jsonl data/alliance/fields.yaml /usr/share/matchmaker/alliance/

# Everything that is written goes under /var/lib/matchmaker, so the root file system may be read-only.
ENV PATH=/opt/matchmaker/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MATCHMAKER_ALLIANCE=/usr/share/matchmaker/alliance \
    MATCHMAKER_CALLS=/usr/share/matchmaker/calls \
    MATCHMAKER_HOST=0.0.0.0 \
    MATCHMAKER_PORT=8000 \
    MATCHMAKER_VAR=/var/lib/matchmaker \
    HF_HOME=/var/lib/matchmaker/huggingface \
    TMPDIR=/var/lib/matchmaker \
    XDG_CACHE_HOME=/var/lib/matchmaker/cache
VOLUME /var/lib/matchmaker
WORKDIR /var/lib/matchmaker
USER matchmaker
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD python -c "from urllib.request import urlopen; urlopen('http://127.0.0.1:$MATCHMAKER_PORT/healthz', timeout=4)"
ENTRYPOINT ["matchmaker"]
CMD ["demo"]
