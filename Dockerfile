# docker build -t upsun-lint . && docker run --rm -v "$PWD:/project:ro" upsun-lint
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY schema schema
COPY rules rules
COPY server server
RUN python -m venv /opt/upsun-lint \
    && /opt/upsun-lint/bin/pip install --no-cache-dir --disable-pip-version-check . \
    && /opt/upsun-lint/bin/pip uninstall --yes pip

FROM python:3.13-slim
COPY --from=build /opt/upsun-lint /opt/upsun-lint
RUN useradd --system --uid 65532 --no-create-home upsun-lint
USER 65532
WORKDIR /project
ENTRYPOINT ["/opt/upsun-lint/bin/upsun-lint"]
CMD ["check"]
