# One static program and the certificates of the authorities it trusts; no shell, no packages, no root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# timetzdata: the image has no time zones of its own.
RUN CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags='-s -w' -o /piga ./cmd/piga

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /piga /piga
ENV PIGA_ADDR=:8080
EXPOSE 8080
USER 65532:65532
ENTRYPOINT ["/piga"]
CMD ["serve"]
