# The broker alone: its database is another container (docker-compose.yml), its
# keys are on a volume of their own.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unreleased
RUN CGO_ENABLED=0 go build -trimpath -pgo=app/bauta.pgo -ldflags "-s -w -X main.version=${VERSION}" -o /bauta ./app

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin bauta \
 && install -d -m 0700 -o bauta -g bauta /keys /data
COPY --from=build /bauta /usr/local/bin/bauta
COPY LICENSE /usr/share/doc/bauta/LICENSE
# A new volume takes owner and mode from these folders.
VOLUME ["/keys", "/data"]
ENV BAUTA_KEYS=/keys BAUTA_DATA_DIR=/data
USER bauta
EXPOSE 8080
# There is no curl in here, and bash speaks TCP.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["bauta"]
CMD ["serve", "--behind-proxy", "--addr", "0.0.0.0:8080"]
