FROM python:3.12-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY . .
RUN useradd --create-home registre && mkdir /data && chown registre /data
USER registre
ENV DATA_DIR=/data
EXPOSE 8000
# Refuses to start with settings that are not safe.
CMD ["sh", "-c", "python manage.py check --deploy --fail-level WARNING && python manage.py migrate && python manage.py collectstatic --no-input && exec python manage.py serve --listen 0.0.0.0:8000"]
