# syntax=docker/dockerfile:1.9@sha256:2be8daddbb82756f7d1f2c7ece706aadcb284bf6ab6d769ea695cc3ed6016743
ARG PYTHON_IMAGE=python:3.12-slim-bookworm@sha256:1e06fe9f0d5d16c1e6a0e6d5f5a0e7c0b8ad2d6b6b6f6b8a1f6f9a8b7c6d5e4f

FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
RUN --mount=type=bind,from=ghcr.io/astral-sh/uv:0.4.18,source=/uv,target=/bin/uv \
    --mount=type=cache,target=/root/.cache/uv \
    uv --version
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-dev

FROM ${PYTHON_IMAGE}
COPY --from=build /src/.venv /app/.venv
COPY . /app
USER 1000:1000
EXPOSE 8080
ENTRYPOINT ["/app/.venv/bin/python", "-m", "api"]
