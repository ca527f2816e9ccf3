# docker build -t upsun-lint . && docker run --rm -v "$PWD:/project:ro" upsun-lint
FROM python:3.13-slim AS build
WORKDIR /source
COPY ci/requirements.txt ci/build-requirements.txt ci/
RUN python -m venv /opt/build \
    && /opt/build/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes -r ci/build-requirements.txt \
    && python -m venv /opt/upsun-lint \
    && /opt/upsun-lint/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes -r ci/requirements.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY schema schema
COPY rules rules
COPY server server
RUN /opt/build/bin/python -m pip wheel --disable-pip-version-check --no-deps --no-build-isolation --no-index \
        --wheel-dir /dist . \
    && /opt/upsun-lint/bin/python -m pip install --disable-pip-version-check --no-deps --no-index /dist/*.whl \
    && /opt/upsun-lint/bin/python -m pip uninstall --yes pip

FROM python:3.13-slim
COPY --from=build /opt/upsun-lint /opt/upsun-lint
RUN useradd --system --uid 65532 --no-create-home upsun-lint
USER 65532
WORKDIR /project
ENTRYPOINT ["/opt/upsun-lint/bin/python", "-I", "-m", "upsun_lint"]
CMD ["check"]
