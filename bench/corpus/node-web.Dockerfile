FROM node:20-alpine@sha256:2be8daddbb82756f7d1f2c7ece706aadcb284bf6ab6d769ea695cc3ed6016743 AS deps
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci

FROM deps AS build
COPY . .
RUN npm run build

# nginx:1.27-alpine (pinned 2026-01-31)
FROM nginx@sha256:1e06fe9f0d5d16c1e6a0e6d5f5a0e7c0b8ad2d6b6b6f6b8a1f6f9a8b7c6d5e4f
COPY --from=build /app/dist /usr/share/nginx/html
COPY nginx.conf /etc/nginx/conf.d/default.conf
HEALTHCHECK --interval=30s CMD wget -qO- http://localhost/ || exit 1
