# One static program and the certificates of the authorities it trusts; no shell, no packages, no root. It writes no
# file, so run it with a read-only root. The caches need BuildKit, which docker has had by default since 23, or buildah.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
# timetzdata: the image has no time zones of its own.
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags='-s -w' -o /piga ./cmd/piga

FROM scratch
ARG VERSION=unknown
LABEL org.opencontainers.image.title="Piga" \
      org.opencontainers.image.description="Mobile money for phones that have only keys" \
      org.opencontainers.image.source="https://github.com/piga-money/piga" \
      org.opencontainers.image.version="$VERSION"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /piga /piga
ENV PIGA_ADDR=:8080
EXPOSE 8080
USER 65532:65532
# That it lives; whether it should be given calls is told by /readyz, or piga health --ready.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["/piga", "health"]
ENTRYPOINT ["/piga"]
CMD ["serve"]
