# The service as an image: a read-only file system, an ordinary user and no capabilities are
# all it asks for.
#
#   docker build -t gradient-service .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL -p 8000:8000 gradient-service
#
# Where packages come through a mirror with its own settings or certificates, hand those in
# as build secrets, which leave no trace in the image:
#
#   docker build --secret id=pipconf,src=/etc/pip.conf \
#                --secret id=cabundle,src=/etc/ssl/certs/ca-certificates.crt .

ARG PYTHON_IMAGE=python:3.13-slim-trixie

# --- the packages, with hashes checked
FROM ${PYTHON_IMAGE} AS packages

COPY requirements/plot.txt /build/
RUN --mount=type=secret,id=pipconf,target=/etc/pip.conf,required=false \
    --mount=type=secret,id=cabundle,target=/etc/ssl/certs/ca-certificates.crt,required=false \
    python -m venv /opt/venv \
 && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --no-deps --require-hashes --requirement /build/plot.txt \
 && /opt/venv/bin/python -m pip check \
 && /opt/venv/bin/python -m pip uninstall --quiet --yes pip

# --- what runs
FROM ${PYTHON_IMAGE}

LABEL org.opencontainers.image.title="gradient-service" \
      org.opencontainers.image.description="A REST service that differentiates" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="1.0.0"

# Graphviz draws graphs; without what it recommends (X fonts, manuals) it stays small.
RUN --mount=type=secret,id=cabundle,target=/etc/ssl/certs/ca-certificates.crt,required=false \
    apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends fonts-dejavu-core graphviz \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*

# MPLCONFIGDIR: where matplotlib keeps its list of fonts, made anew in a tenth of a second.
# NUMBA_CPU_NAME: an image is built on one machine and runs on another. A kernel compiled for
# any processor of the architecture is found in the cache on all of them.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CPU_NAME=generic \
    GRADIENT_KERNEL_CACHE=/srv/kernels \
    MPLCONFIGDIR=/tmp/matplotlib \
    HOST=0.0.0.0 \
    PORT=8000 \
    WORKERS=2

RUN groupadd --system --gid 10001 gradient \
 && useradd --system --uid 10001 --gid gradient --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin gradient

COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv
COPY LICENSE gunicorn.conf.py deploy/healthcheck.py ./
COPY autograd_core autograd_core
COPY service service

# Compile everything that the running container, which cannot write here, will look for.
RUN python -m compileall -q autograd_core service \
 && python -m service.process.warm \
 && chmod -R a+rX /srv

USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "/srv/healthcheck.py"]
CMD ["python", "-m", "gunicorn", "--config", "gunicorn.conf.py"]
