# One image for everything that runs in production: its first argument picks ingress, consumer or revenue-query, or is
# a command of `takings` (migrate, stream, …). There is nothing to build: the image holds the files that are tested.

FROM node:24-bookworm-slim AS context
COPY . /workspace
# Of their own, so that the layer of packages below is made anew only when one of these changes.
RUN mkdir /manifests && cd /workspace && \
    find . \( -name package.json -o -name 'pnpm-*.yaml' \) -exec cp --parents {} /manifests ';'

FROM node:24-bookworm-slim AS packages
# A mirror of the npm registry, if one is needed. It is only known in this stage, which is thrown away.
ARG NPM_REGISTRY=
WORKDIR /app
COPY --from=context /manifests ./
# npm's own settings (a registry, a certificate authority) are handed on, because pnpm does not look at all of them.
# Optional packages are what developers' machines need: a Node, a PostgreSQL.
RUN if [ -n "$NPM_REGISTRY" ]; then export npm_config_registry="$NPM_REGISTRY"; fi && \
    for key in registry cafile; do \
      value=$(npm config get "$key") && if [ "$value" != null ]; then echo "$key=$value" >> "$HOME/.npmrc"; fi; \
    done && \
    npx -y pnpm@12.21.0 install --frozen-lockfile --prod --no-optional --filter '@takings/image...'
COPY --from=context /workspace ./

# What node makes of the sources, kept: a service that is started with it is ready sooner and holds 20 MB less. It is of
# use to this user, with these arguments, on a processor of this kind; otherwise it is as if it were not there. Each
# program ends at once, because nothing is set.
FROM packages AS compiled
USER 65532:65532
ENV NODE_COMPILE_CACHE=/tmp/compiled
RUN for program in ingress consumer revenue-query --help; do \
      timeout 60 \
        node --max-semi-space-size=8 --heap-growing-percent=60 packages/image/src/main.ts "$program" > /tmp/output 2>&1 || \
        grep -q "is required" /tmp/output || { cat /tmp/output; exit 1; }; \
    done && \
    test -n "$(ls "$NODE_COMPILE_CACHE"/*/)" && \
    chmod -R a=rX "$NODE_COMPILE_CACHE"

# For `tilt up`: a developer's image whose files can be replaced while it runs.
FROM node:24-bookworm-slim AS dev
WORKDIR /app
COPY --from=packages --chown=65532:65532 /app ./
USER 65532:65532
ENV NODE_ENV=production
ENTRYPOINT ["node", "--watch-path=packages", "--watch-path=services", "packages/image/src/main.ts"]
CMD ["--help"]

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="takings" \
      org.opencontainers.image.description="Stripe webhooks in, exact revenue out" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=packages /app ./
COPY --from=compiled /tmp/compiled ./.compiled
# As a number, so that Kubernetes can verify that it is not root; one that no user of a node has.
USER 65532:65532
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compiled
# node is process 1 and gets SIGTERM itself; its heap grows as that of every service (packages/local/src/services.ts).
ENTRYPOINT ["node", "--max-semi-space-size=8", "--heap-growing-percent=60", "packages/image/src/main.ts"]
CMD ["--help"]
