# One file for every image. An app, with libs/ and its own folder and nothing else of ours:
#   docker build --build-arg PART=services/risk_grading -t shoutu-risk-grading .
#   docker build --build-arg PART=gateway -t shoutu-gateway .
# The set-up jobs, which read every service's tables and migrations:
#   docker build --target setup -t shoutu-setup .

FROM python:3.13-slim AS python
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/opt/shoutu/bin:$PATH
RUN groupadd --gid 10001 shoutu \
 && useradd --uid 10001 --gid shoutu --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin shoutu
WORKDIR /app

# Packages by hash and as wheels only: nothing is compiled, so nothing has to be removed again, and no pip stays with
# them. Where packages come from is pip's own setting; a build may hand one in: --secret id=pip,src=pip.conf
FROM python AS service-packages
ARG PART
COPY infra/docker/service.lock infra/docker/gateway.lock /tmp/
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    python -m venv --without-pip /opt/shoutu \
 && if [ "$PART" = gateway ]; then lock=gateway; else lock=service; fi \
 && pip --python /opt/shoutu/bin/python install --quiet --no-cache-dir --disable-pip-version-check \
        --only-binary :all: --require-hashes -r /tmp/$lock.lock

FROM service-packages AS setup-packages
COPY infra/docker/setup.lock /tmp/packages.lock
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    pip --python /opt/shoutu/bin/python install --quiet --no-cache-dir --disable-pip-version-check \
        --only-binary :all: --require-hashes -r /tmp/packages.lock

FROM python AS setup
COPY --from=setup-packages /opt/shoutu /opt/shoutu
COPY libs libs
COPY services services
COPY gateway gateway
COPY infra infra
# A new volume takes its owner from the folder over which it is first mounted.
RUN python -m compileall -q /app \
 && install -d -o shoutu -g shoutu -m 700 /var/lib/shoutu /configuration /anchors /demonstration /bus-data /files \
    /jobs
USER 10001:10001
ENTRYPOINT ["python", "-m", "infra.docker"]

FROM python AS service
ARG PART
COPY --from=service-packages /opt/shoutu /opt/shoutu
COPY libs libs
COPY ${PART} ${PART}
RUN case "$PART" in \
        gateway) module=gateway ;; \
        services/*) module="services.${PART#services/}" ;; \
        *) echo "--build-arg PART=gateway or PART=services/<service>" >&2; exit 1 ;; \
    esac \
 && python -m compileall -q /app \
 && printf '#!/bin/sh\nexport SHOUTU_SERVICE=%s\nexec python -m libs.common.serve %s.app\n' \
        "${PART##*/}" "$module" > /usr/local/bin/serve \
 && chmod 755 /usr/local/bin/serve
USER 10001:10001
CMD ["serve"]
