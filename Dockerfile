# Pinwheel as a container: the App ("serve", the default), or any other command.
# Builds without a daemon too: buildah build --format docker -t pinwheel .
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# No install scripts: the SQLite addon comes prebuilt, and the Node.js of this image is the one that runs.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/ scripts/
COPY src/ src/
RUN node scripts/build.ts && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Pinwheel" \
      org.opencontainers.image.description="Keeps container base-image pins fresh and safe" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Sigstore's trust root and the databases of scanners are caches: in the one folder that can be written.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 LOG_FORMAT=json PINWHEEL_DATA=/data XDG_CACHE_HOME=/data/cache
WORKDIR /app
COPY --from=build /src/node_modules/ node_modules/
COPY --from=build /src/dist/ dist/
COPY package.json app.yml LICENSE ./
RUN install -d -o 1000 -g 1000 -m 0700 /data
# The user "node" of the image, by number: orchestrators can see that it is not root.
USER 1000:1000
# All that is written; the rest may be mounted read-only.
VOLUME ["/data"]
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/pinwheel.js"]
CMD ["serve"]
