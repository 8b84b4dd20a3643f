# syntax=docker/dockerfile:1
# Two images from one file:
#   docker build --target platform -t onoo .          serve, work and every other job of main.py
#   docker build --target nlu      -t onoo-nlu .      Rasa with a model trained on nlu/data
# Packages are exactly those of uv.lock and nlu/rasa/uv.lock.

FROM python:3.12-slim-bookworm AS uv
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never

# -- the platform ------------------------------------------------------------------------------

FROM uv AS packages
WORKDIR /onoo
COPY pyproject.toml uv.lock ./
# Without the extra "embedded": production has a MongoDB of its own.
RUN uv sync --locked --no-dev --python /usr/local/bin/python

FROM python:3.12-slim-bookworm AS platform
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/onoo onoo \
    && chmod 700 /var/lib/onoo
WORKDIR /onoo
COPY --from=packages /onoo/.venv .venv
COPY main.py settings.py ./
COPY analytics analytics
COPY bots bots
COPY campaigns campaigns
COPY console console
COPY content content
COPY conversations conversations
COPY locales locales
COPY nlu nlu
COPY storage storage
RUN .venv/bin/python -m compileall -q main.py settings.py analytics bots campaigns console \
    content conversations locales nlu storage
ENV ONOO_DATA_DIR=/var/lib/onoo \
    ONOO_LOG_FORMAT=json \
    ONOO_HOST=0.0.0.0 \
    MPLCONFIGDIR=/tmp/matplotlib \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001
VOLUME /var/lib/onoo
EXPOSE 8080
ENTRYPOINT ["/onoo/.venv/bin/python", "/onoo/main.py"]
CMD ["serve"]

# -- Rasa --------------------------------------------------------------------------------------

FROM python:3.10-slim-bookworm AS rasa
COPY --from=uv /usr/local/bin/uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never \
    UV_PROJECT_ENVIRONMENT=/onoo/rasa-venv
WORKDIR /onoo
COPY nlu/rasa/pyproject.toml nlu/rasa/uv.lock nlu/rasa/
RUN uv sync --locked --no-dev --project nlu/rasa --python /usr/local/bin/python
COPY nlu nlu
ENV RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=3
# The model is named after all it depends on, as on any other machine.
RUN mkdir models \
    && name=$(rasa-venv/bin/python -c "from nlu.environment import model_hash; print(model_hash())") \
    && rasa-venv/bin/python -m nlu.rasa.train "/onoo/models/nlu-$name.tar.gz"

FROM python:3.10-slim-bookworm AS nlu
RUN useradd --system --uid 10002 --create-home onoo
WORKDIR /onoo
COPY --from=rasa /onoo/rasa-venv rasa-venv
COPY --from=rasa /onoo/models models
COPY nlu nlu
# Other containers call it: it listens on all of its own network's addresses, behind its token.
ENV ONOO_NLU_SERVER_HOST=0.0.0.0 \
    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE \
    RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=3 \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10002
EXPOSE 5105
CMD ["sh", "-c", "exec rasa-venv/bin/python -m nlu.rasa.serve models/nlu-*.tar.gz 5105"]
