ARG REGISTRY=docker.io
ARG ALPINE_DIGEST=sha256:1e06fe9f0d5d16c1e6a0e6d5f5a0e7c0b8ad2d6b6b6f6b8a1f6f9a8b7c6d5e4f
FROM ${REGISTRY}/library/rust:1.82-alpine AS chef
RUN apk add --no-cache musl-dev && cargo install cargo-chef
WORKDIR /app

FROM chef AS planner
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM chef AS builder
COPY --from=planner /app/recipe.json recipe.json
RUN cargo chef cook --release --recipe-path recipe.json
COPY . .
RUN cargo build --release

FROM alpine:3.20@${ALPINE_DIGEST}
COPY --from=builder /app/target/release/app /usr/local/bin/
COPY --from=busybox:1.37@sha256:2be8daddbb82756f7d1f2c7ece706aadcb284bf6ab6d769ea695cc3ed6016743 /bin/wget /bin/wget
ENTRYPOINT ["app"]
