# The service in a container: `docker build -t cellfusion .`, then deploy/compose.yaml.
# Nothing is fetched when it runs; the file system may be read-only but for /tmp.
# `--build-arg TORCH_INDEX=…` with the index of PyTorch's builds for processors alone, which its
# installation page names, makes the image a tenth of the size.

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/cellfusion
ARG TORCH_INDEX=""
RUN /opt/cellfusion/bin/pip install ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "torch>=2.6,<2.14"
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY grammar grammar
COPY model model
COPY server server
COPY addin_manifest addin_manifest
RUN /opt/cellfusion/bin/pip install .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin cellfusion \
    && install --directory --owner cellfusion --mode 0700 /var/lib/cellfusion
COPY --from=build /opt/cellfusion /opt/cellfusion
ENV PATH=/opt/cellfusion/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    XDG_DATA_HOME=/var/lib \
    CELLFUSION_HOST=0.0.0.0 \
    CELLFUSION_PORT=8765
USER 10001
VOLUME /var/lib/cellfusion
EXPOSE 8765
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://localhost:' + os.environ['CELLFUSION_PORT'] + '/readyz', timeout=4)"]
ENTRYPOINT ["cellfusion"]
CMD ["serve"]
