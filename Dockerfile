# syntax=docker/dockerfile:1
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /amends ./cmd/amends && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /amends /amends
COPY --from=build --chown=nonroot:nonroot /data /data
VOLUME /data
EXPOSE 8025
ENTRYPOINT ["/amends"]
CMD ["serve", "--data", "/data", "--listen", "0.0.0.0:8025"]
