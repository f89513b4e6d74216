"""What the demo engine holds: invented applications on well-known bases. All secrets are invented too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

KB: Final = 1_000
MB: Final = 1_000_000
HOUR: Final = 3_600
DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Part:
    """One instruction; `{version}` in it is the release's version.

    Its layer has about `size` bytes, none for 0. It is another layer every `every` releases; for 0 all
    releases share it.
    """

    instruction: str
    size: int = 0
    every: int = 0


@dataclass(frozen=True, slots=True)
class DemoRelease:
    """A version that appeared `age` seconds ago, and took these tags over."""

    version: str
    age: int
    tags: tuple[str, ...] = ("latest",)


@dataclass(frozen=True, slots=True)
class App:
    """A repository: how its images are built, and when."""

    repository: str
    parts: tuple[Part, ...]
    releases: tuple[DemoRelease, ...]
    """Oldest first."""
    config: Mapping[str, object] = field(default_factory=dict)
    platforms: tuple[str, ...] = ("linux/amd64",)
    pinned: bool = True
    """Whether the versions were pulled by digest, so that they keep the repository's name."""


@dataclass(frozen=True, slots=True)
class DemoService:
    """A container that was created `age` seconds ago from what the reference was then."""

    name: str
    reference: str
    age: int
    state: str = "running"
    status: str = "Up 2 hours"
    project: str | None = None
    service: str | None = None


PATH: Final = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

DEBIAN: Final = (Part("# debian.sh --arch 'amd64' out/ 'bookworm' '@1730678400'", 74_800 * KB),)
ALPINE: Final = (
    Part("ADD alpine-minirootfs-3.20.3-x86_64.tar.gz / # buildkit", 7_800 * KB),
    Part('CMD ["/bin/sh"]'),
)
PYTHON: Final = (
    *DEBIAN,
    Part("ENV LANG=C.UTF-8"),
    Part(
        "RUN /bin/sh -c set -eux; apt-get update; apt-get install -y --no-install-recommends ca-certificates"
        " netbase tzdata; rm -rf /var/lib/apt/lists/* # buildkit",
        9_230 * KB,
    ),
    Part("ENV PYTHON_VERSION=3.12.7"),
    Part(
        "RUN /bin/sh -c set -eux; ./configure --enable-optimizations; make; make install # buildkit", 41 * MB
    ),
    Part("RUN /bin/sh -c set -eux; for src in idle3 pip3 python3; do ln -svT $src; done # buildkit", 36),
    Part('CMD ["python3"]'),
)
NODE: Final = (
    *ALPINE,
    Part("ENV NODE_VERSION=22.11.0"),
    Part("RUN /bin/sh -c addgroup -g 1000 node && adduser -u 1000 -G node -D node # buildkit", 142 * MB),
    Part("COPY docker-entrypoint.sh /usr/local/bin/ # buildkit", 388),
    Part('ENTRYPOINT ["docker-entrypoint.sh"]'),
)

MYAPP: Final = App(
    "myapp",
    (
        *PYTHON,
        Part("WORKDIR /app", 93),
        Part("RUN /bin/sh -c apt-get update && apt-get install -y libpq5 curl # buildkit", 18_400 * KB, 9),
        Part("COPY requirements.txt . # buildkit", 412, 4),
        Part("RUN /bin/sh -c pip install --no-cache-dir -r requirements.txt # buildkit", 31 * MB, 4),
        Part("ARG VERSION={version}"),
        Part("COPY . /app # buildkit", 1_100 * KB, 1),
        Part("RUN |1 VERSION={version} /bin/sh -c python -m compileall -q /app # buildkit", 640 * KB, 1),
        Part("ENV API_TOKEN=demo-5f2a9c71 APP_VERSION={version}"),
        Part("USER app"),
        Part("EXPOSE map[8000/tcp:{}]"),
        Part(
            'HEALTHCHECK &{["CMD-SHELL" "curl -fs http://localhost:8000/healthz"] "30s" "3s" "5s" \'\\x03\'}'
        ),
        Part('CMD ["gunicorn" "-b" ":8000" "myapp.wsgi"]'),
    ),
    (
        DemoRelease("0.9", 402 * DAY),
        DemoRelease("1.0-rc1", 371 * DAY),
        DemoRelease("1.0", 330 * DAY, ("latest", "1.0")),
        DemoRelease("1.1", 262 * DAY),
        DemoRelease("1.2", 201 * DAY),
        DemoRelease("1.3", 154 * DAY),
        DemoRelease("1.4", 120 * DAY),
        DemoRelease("1.5", 76 * DAY),
        DemoRelease("1.6", 41 * DAY),
        DemoRelease("2.0-rc1", 30 * DAY, ("edge",)),
        DemoRelease("2.0-rc2", 16 * DAY, ("edge",)),
        DemoRelease("2.0-rc3", 9 * DAY, ("latest", "1.0")),
        DemoRelease("2.0", 1 * DAY + 2 * HOUR, ("latest", "2.0")),
        DemoRelease("3.0", 2 * HOUR, ("latest", "3.0")),
    ),
    {
        "User": "app",
        "WorkingDir": "/app",
        "ExposedPorts": {"8000/tcp": {}},
        "Env": [
            PATH,
            "LANG=C.UTF-8",
            "PYTHON_VERSION=3.12.7",
            "APP_VERSION={version}",
            "API_TOKEN=demo-5f2a9c71",
            "DATABASE_URL=postgres://myapp:demo-password@db:5432/myapp",
        ],
        "Cmd": ["gunicorn", "-b", ":8000", "myapp.wsgi"],
        "Healthcheck": {
            "Test": ["CMD-SHELL", "curl -fs http://localhost:8000/healthz"],
            "Interval": 30_000_000_000,
        },
        "StopSignal": "SIGTERM",
    },
)

SHOP_WEB: Final = App(
    "shop/web",
    (
        *NODE,
        Part("WORKDIR /srv", 76),
        Part("COPY package.json package-lock.json ./ # buildkit", 388 * KB, 3),
        Part("RUN /bin/sh -c npm ci --omit=dev # buildkit", 64 * MB, 3),
        Part("COPY dist ./dist # buildkit", 6_700 * KB, 1),
        Part("USER node"),
        Part("EXPOSE map[3000/tcp:{}]"),
        Part('CMD ["node" "dist/server.js"]'),
    ),
    (
        DemoRelease("2.4.0", 61 * DAY),
        DemoRelease("2.4.1", 47 * DAY),
        DemoRelease("2.5.0", 20 * DAY, ("latest", "2.5.0")),
        DemoRelease("2.6.0", 6 * DAY),
        DemoRelease("2.6.1", 3 * DAY, ("latest", "2.6.1")),
        DemoRelease("2.7.0", 25 * 60, ("latest", "2.7.0")),
    ),
    {
        "User": "node",
        "WorkingDir": "/srv",
        "ExposedPorts": {"3000/tcp": {}},
        "Env": [PATH, "NODE_VERSION=22.11.0", "NODE_ENV=production", "SESSION_SECRET=demo-c0ffee"],
        "Entrypoint": ["docker-entrypoint.sh"],
        "Cmd": ["node", "dist/server.js"],
    },
)

SHOP_WORKER: Final = App(
    "shop/worker",
    (
        *PYTHON,
        Part("WORKDIR /worker", 93),
        Part("RUN /bin/sh -c pip install --no-cache-dir celery[redis] psycopg # buildkit", 52 * MB, 2),
        Part("COPY worker ./worker # buildkit", 210 * KB, 1),
        Part('ENTRYPOINT ["celery" "-A" "worker"]'),
    ),
    (
        DemoRelease("1.8.0", 90 * DAY),
        DemoRelease("1.8.1", 47 * DAY, ("latest", "1.8.1")),
        DemoRelease("1.9.0", 13 * DAY, ("latest", "1.9.0")),
        DemoRelease("1.9.1", 5 * HOUR, ("latest", "1.9.1")),
    ),
    {
        "WorkingDir": "/worker",
        "Env": [PATH, "BROKER_URL=redis://:demo-password@queue:6379/0"],
        "Entrypoint": ["celery", "-A", "worker"],
    },
)

TEAM_API: Final = App(
    "registry.example.com:5000/team/api",
    (
        *DEBIAN,
        Part("RUN /bin/sh -c apt-get install -y openjdk-17-jre-headless # buildkit", 196 * MB),
        Part("COPY libs/ /opt/api/libs/ # buildkit", 58 * MB, 3),
        Part("COPY api.jar /opt/api/api.jar # buildkit", 12_300 * KB, 1),
        Part("VOLUME [/var/lib/api]"),
        Part('ENTRYPOINT ["java" "-jar" "/opt/api/api.jar"]'),
    ),
    (
        DemoRelease("4.1", 140 * DAY, ("stable",)),
        DemoRelease("4.2", 75 * DAY, ("stable",)),
        DemoRelease("4.3", 34 * DAY, ("stable", "4.3")),
        DemoRelease("4.4", 12 * DAY, ("stable", "4.4")),
        DemoRelease("5.0-beta", 2 * DAY, ("beta",)),
    ),
    {
        "User": "10001:10001",
        "Volumes": {"/var/lib/api": {}},
        "Env": [PATH, "JAVA_TOOL_OPTIONS=-XX:MaxRAMPercentage=75"],
        "Entrypoint": ["java", "-jar", "/opt/api/api.jar"],
    },
)

INGEST: Final = App(
    "ghcr.io/acme/ingest",
    (
        Part("COPY /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ # buildkit", 214 * KB),
        Part("COPY /out/ingest /ingest # buildkit", 2_900 * KB, 1),
        Part("USER 65532:65532"),
        Part('ENTRYPOINT ["/ingest"]'),
    ),
    (
        DemoRelease("0.13.0", 210 * DAY, ("stable",)),
        DemoRelease("0.14.0", 96 * DAY, ("stable",)),
        DemoRelease("0.14.1", 29 * DAY, ("stable", "0.14.1")),
        DemoRelease("0.15.0", 8 * HOUR, ("edge",)),
    ),
    {"User": "65532:65532", "Env": ["INGEST_API_KEY=demo-9b1d"], "Entrypoint": ["/ingest"]},
    ("linux/amd64", "linux/arm64"),
)

POSTGRES: Final = App(
    "postgres",
    (
        *DEBIAN,
        Part("RUN /bin/sh -c set -eux; groupadd -r postgres --gid=999 # buildkit", 9_800 * KB),
        Part("ENV PG_MAJOR={version}"),
        Part("RUN /bin/sh -c set -ex; apt-get install -y postgresql-$PG_MAJOR # buildkit", 331 * MB, 1),
        Part("VOLUME [/var/lib/postgresql/data]"),
        Part('CMD ["postgres"]'),
    ),
    (
        DemoRelease("15.8", 190 * DAY, ("15",)),
        DemoRelease("16.4", 100 * DAY, ("16", "latest")),
        DemoRelease("16.5", 11 * DAY, ("16", "latest")),
    ),
    {
        "Volumes": {"/var/lib/postgresql/data": {}},
        "ExposedPorts": {"5432/tcp": {}},
        "Env": [PATH, "PG_MAJOR={version}", "PGDATA=/var/lib/postgresql/data"],
        "Cmd": ["postgres"],
        "StopSignal": "SIGINT",
    },
    ("linux/amd64", "linux/arm64"),
)

REDIS: Final = App(
    "redis",
    (
        *ALPINE,
        Part("RUN /bin/sh -c addgroup -S -g 1000 redis && adduser -S -G redis redis # buildkit", 4_700),
        Part("ENV REDIS_VERSION={version}"),
        Part("RUN /bin/sh -c set -eux; make -C /usr/src/redis install # buildkit", 33 * MB, 1),
        Part("VOLUME [/data]"),
        Part('CMD ["redis-server"]'),
    ),
    (
        DemoRelease("7.2.6", 88 * DAY, ("7-alpine",)),
        DemoRelease("7.4.0", 52 * DAY, ("7-alpine",)),
        DemoRelease("7.4.1", 19 * DAY, ("7-alpine", "7.4.1-alpine")),
    ),
    {"Volumes": {"/data": {}}, "ExposedPorts": {"6379/tcp": {}}, "Env": [PATH], "Cmd": ["redis-server"]},
)

PYTHON_BASE: Final = App(
    "python",
    (*PYTHON, Part("RUN /bin/sh -c pip install --upgrade pip=={version} # buildkit", 2_600 * KB, 1)),
    (DemoRelease("24.2", 160 * DAY, ("3.12-slim",)), DemoRelease("24.3", 44 * DAY, ("3.12-slim",))),
    {"Env": [PATH, "LANG=C.UTF-8", "PYTHON_VERSION=3.12.7"], "Cmd": ["python3"]},
)

NOTEBOOK: Final = App(
    "notebook",
    (
        *PYTHON,
        Part(
            "RUN /bin/sh -c pip install torch --index-url https://download.pytorch.org/whl/cpu", 452 * MB, 2
        ),
        Part("COPY notebooks /home/jovyan/work # buildkit", 44 * MB, 1),
        Part('CMD ["jupyter" "lab"]'),
    ),
    (
        DemoRelease("2024-08", 83 * DAY, ("scratch",)),
        DemoRelease("2024-09", 57 * DAY, ("scratch",)),
        DemoRelease("2024-10", 26 * DAY, ("scratch",)),
        DemoRelease("2024-11", 4 * DAY, ("scratch",)),
    ),
    {"User": "jovyan", "Env": [PATH, "JUPYTER_TOKEN=demo-31337"], "Cmd": ["jupyter", "lab"]},
    pinned=False,
)

APPS: Final = (
    MYAPP, SHOP_WEB, SHOP_WORKER, TEAM_API, INGEST, POSTGRES, REDIS, PYTHON_BASE, NOTEBOOK,
)  # fmt: skip

SERVICES: Final = (
    DemoService("myapp-migrate", "myapp:latest", 300 * DAY, "exited", "Exited (0) 10 months ago"),
    DemoService("api-canary", "myapp:edge", 8 * DAY, "exited", "Exited (137) 7 days ago"),
    DemoService("api-old", "myapp:latest", 1 * DAY, "running", "Up 24 hours"),
    DemoService("api", "myapp:latest", 1 * HOUR, "running", "Up 59 minutes (healthy)"),
    DemoService("worker", "myapp:latest", 1 * HOUR, "running", "Up 59 minutes (healthy)"),
    DemoService("shop-web-1", "shop/web:latest", 2 * DAY, "running", "Up 2 days", "shop", "web"),
    DemoService("shop-web-2", "shop/web:latest", 2 * DAY, "running", "Up 2 days", "shop", "web"),
    DemoService("shop-web-3", "shop/web:latest", 20 * 60, "running", "Up 20 minutes", "shop", "web"),
    DemoService("shop-worker-1", "shop/worker:latest", 4 * HOUR, "running", "Up 4 hours", "shop", "worker"),
    DemoService(
        "shop-worker-2", "shop/worker:latest", 40 * DAY, "exited", "Exited (1) 5 weeks ago", "shop", "worker"
    ),
    DemoService("team-api", "registry.example.com:5000/team/api:stable", 33 * DAY, "running", "Up 4 weeks"),
    DemoService("ingest", "ghcr.io/acme/ingest:stable", 28 * DAY, "paused", "Up 4 weeks (Paused)"),
    DemoService("db", "postgres:16", 10 * DAY, "running", "Up 10 days"),
    DemoService("db-replica", "postgres:16", 60 * DAY, "running", "Up 8 weeks"),
    DemoService("shop-redis-1", "redis:7-alpine", 2 * DAY, "running", "Up 2 days", "shop", "redis"),
    DemoService("cache", "redis:7-alpine", 18 * DAY, "running", "Up 2 weeks"),
    DemoService("sessions", "redis:7-alpine", 18 * DAY, "running", "Up 2 weeks"),
    DemoService("queue", "redis:7-alpine", 18 * DAY, "running", "Up 2 weeks"),
    DemoService("ratelimit", "redis:7-alpine", 5 * DAY, "running", "Up 5 days"),
    DemoService("redis-test", "redis:7-alpine", 70 * DAY, "exited", "Exited (0) 2 months ago"),
    DemoService("analysis", "notebook:scratch", 20 * DAY, "exited", "Exited (0) 2 weeks ago"),
)

REMOVED: Final = ("myapp:edge", "myapp:1.0")
"""Tags that were taken away at last, one of them while a container still names it."""
