# One image for everything in production. Its first argument is a service (ingress, consumer, revenue-query) or a command
# of `takings` (migrate, stream, …). Nothing is compiled: the image contains the files that are tested.

FROM node:24-bookworm-slim AS context
COPY . /workspace
# Copied separately, so that the layer of packages below is rebuilt only when one of these files changes.
RUN mkdir /manifests && cd /workspace && \
    find . \( -name package.json -o -name 'pnpm-*.yaml' \) -exec cp --parents {} /manifests ';'

FROM node:24-bookworm-slim AS packages
# A mirror of the npm registry, if needed. Only this stage knows it, and this stage is discarded.
ARG NPM_REGISTRY=
WORKDIR /app
COPY --from=context /manifests ./
# Passes npm's settings (registry, certificate authority) on, because pnpm does not read all of them. Optional
# packages are left out: they are Node and PostgreSQL for developers. So are declarations of types and source
# maps, which node does not read.
RUN if [ -n "$NPM_REGISTRY" ]; then export npm_config_registry="$NPM_REGISTRY"; fi && \
    for key in registry cafile; do \
      value=$(npm config get "$key") && if [ "$value" != null ]; then echo "$key=$value" >> "$HOME/.npmrc"; fi; \
    done && \
    npx -y pnpm@12.21.0 install --frozen-lockfile --prod --no-optional --filter '@takings/image...' && \
    find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete
COPY --from=context /workspace ./

# Node's compile cache. With it a service is ready sooner and uses 20 MB less memory. It is valid for this user, these
# arguments and this kind of CPU, and ignored otherwise. Each program exits at once, because its settings are missing.
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

# For `tilt up`: a development image whose files are replaced while it runs. k8s/dev-values.yaml restarts the services.
FROM node:24-bookworm-slim AS dev
WORKDIR /app
COPY --from=packages --chown=65532:65532 /app ./
RUN ln -s /app/packages/image/takings /usr/local/bin/takings
USER 65532:65532
ENV NODE_ENV=production
ENTRYPOINT ["node", "packages/image/src/main.ts"]
CMD ["--help"]

# Of the image of Node only the program, without npm, corepack, yarn and headers (docs/decisions/0025). With
# libatomic, which it needs on some architectures and debian:bookworm-slim does not have.
FROM node:24-bookworm-slim AS program
RUN program=$(command -v node) && mkdir /node && cp --parents "$program" /node && \
    for library in $(ldd "$program" | grep -o '/[^ ]*/libatomic[^ ]*'); do \
      cp --parents --dereference "$(readlink -f "${library%/*}")/${library##*/}" /node; \
    done

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="takings" \
      org.opencontainers.image.description="Stripe webhooks in, exact revenue out" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=program /node /
WORKDIR /app
COPY --from=packages /app ./
COPY --from=compiled /tmp/compiled ./.compiled
RUN ln -s /app/packages/image/takings /usr/local/bin/takings && takings --help > /dev/null
# A number, so that Kubernetes can verify that it is not root. No user of a node has it.
USER 65532:65532
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compiled
# node is process 1 and receives SIGTERM. The heap flags are packages/runtime/src/heap-arguments.ts.
ENTRYPOINT ["node", "--max-semi-space-size=8", "--heap-growing-percent=60", "packages/image/src/main.ts"]
CMD ["--help"]
