import copy
import json
import shlex
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.safety.secrets import (
    MASK,
    mask_arguments,
    mask_assignment,
    mask_document,
    mask_instruction,
    mask_text,
    mask_value,
)


@pytest.mark.parametrize(
    ("assignment", "shown"),
    [
        ("API_TOKEN=hunter2", f"API_TOKEN={MASK}"),
        ("API_TOKEN=a b=c d", f"API_TOKEN={MASK}"),
        ("API_TOKEN=", "API_TOKEN="),
        ("API_TOKEN", "API_TOKEN"),
        ("PATH=/usr/bin:/bin", "PATH=/usr/bin:/bin"),
        ("PWD=/srv", "PWD=/srv"),
        (
            "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
            "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
        ),
        ("DATABASE_URL=postgres://u:p@host/db", f"DATABASE_URL=postgres://u:{MASK}@host/db"),
        ("JAVA_OPTS=-Xmx1g -Ddb.password=abc -Dx=y", f"JAVA_OPTS=-Xmx1g -Ddb.password={MASK} -Dx=y"),
        ('CONFIG={"user":"u","password":"a b"}', f'CONFIG={{"user":"u","password":"{MASK}"}}'),
    ],
)
def test_a_variable_is_masked_by_its_name_and_by_what_its_value_holds(assignment: str, shown: str) -> None:
    assert mask_assignment(assignment) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://u:p@host/", f"postgres://u:{MASK}@host/"),
        ("redis://:p@host:6379/0", f"redis://:{MASK}@host:6379/0"),
        ("amqp://u:p@ss@host", f"amqp://u:{MASK}@host"),
        ("amqp://u:p/ss@host", f"amqp://u:{MASK}@host"),
        ("git+https://u:p@host/a/b.git@v1", f"git+https://u:{MASK}@host/a/b.git@v1"),
        ("http://a:b@c,http://d:e@f", f"http://a:{MASK}@c,http://d:{MASK}@f"),
        ("https://abcdef@github.com/a/b", f"https://{MASK}@github.com/a/b"),
        ("https://abcdef:x-oauth-basic@github.com", f"https://{MASK}:{MASK}@github.com"),
        ("ssh://git@github.com/a/b", "ssh://git@github.com/a/b"),
        ("http://localhost:5000/app@sha256", "http://localhost:5000/app@sha256"),
        ("https://unpkg.com/lib@1.0/x:y", "https://unpkg.com/lib@1.0/x:y"),
        ("https://example.com/?a=b", "https://example.com/?a=b"),
        ("ghp_" + "a1" * 18, MASK),
        ("x eyJhbGciOiJI.eyJzdWIiOiIx.c2ln y", f"x {MASK} y"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nz",
            f"-----BEGIN RSA PRIVATE KEY-----{MASK}-----END RSA PRIVATE KEY-----\nz",
        ),
        ("-----BEGIN PRIVATE KEY-----\nabc", f"-----BEGIN PRIVATE KEY-----{MASK}"),
    ],
)
def test_a_secret_of_a_known_shape_is_masked_under_any_name(text: str, shown: str) -> None:
    assert mask_value("X", text) == shown
    assert mask_document({"anywhere": [text]}) == {"anywhere": [shown]}


@pytest.mark.parametrize(
    ("instruction", "shown"),
    [
        ("ENV API_TOKEN=hunter2 OTHER=1", f"ENV API_TOKEN={MASK} OTHER=1"),
        ("ENV OTHER=1 API_TOKEN=hunter2", f"ENV OTHER=1 API_TOKEN={MASK}"),
        ("ENV A_TOKEN hunter2 and more", f"ENV A_TOKEN {MASK}"),
        ("ENV API_TOKEN= OTHER=1", "ENV API_TOKEN= OTHER=1"),
        ("env api_token=hunter2", f"env api_token={MASK}"),
        ('ENV X_PASSWORD="a b c" B=1', f'ENV X_PASSWORD="{MASK}" B=1'),
        ("ENV X_PASSWORD='a b c' B=1", f"ENV X_PASSWORD='{MASK}' B=1"),
        ("ENV X_PASSWORD=a\\ b \\\n    B=1", f"ENV X_PASSWORD={MASK} \\\n    B=1"),
        ("ENV X_PASSWORD=a b c", f"ENV X_PASSWORD={MASK}"),
        ("ENV X_PASSWORD=a b=c d", f"ENV X_PASSWORD={MASK}"),
        ("ENV A=it's X_PASSWORD=fo'o B=1", f"ENV A=it's X_PASSWORD={MASK} B=1"),
        ("ENV PHP_CFLAGS=-O2 -D_FILE_OFFSET_BITS=64", "ENV PHP_CFLAGS=-O2 -D_FILE_OFFSET_BITS=64"),
        ("ENV PATH=/usr/bin:/bin", "ENV PATH=/usr/bin:/bin"),
        ("/bin/sh -c #(nop)  ENV API_TOKEN=hunter2", f"/bin/sh -c #(nop)  ENV API_TOKEN={MASK}"),
        ("/bin/sh -c #(nop) ENV A_TOKEN hunter2", f"/bin/sh -c #(nop) ENV A_TOKEN {MASK}"),
        ("cmd /S /C #(nop)  ENV API_TOKEN=a b", f"cmd /S /C #(nop)  ENV API_TOKEN={MASK}"),
        ("ONBUILD ENV API_TOKEN=a b", f"ONBUILD ENV API_TOKEN={MASK}"),
        ("ARG PASSWORD=x", f"ARG PASSWORD={MASK}"),
        ("ARG PASSWORD=x y", f"ARG PASSWORD={MASK}"),
        ("ARG PASSWORD", "ARG PASSWORD"),
        ("LABEL secret.token=abc", f"LABEL secret.token={MASK}"),
        ('LABEL "secret.token"="abc d" a=b', f'LABEL "secret.token"="{MASK}" a=b'),
        ("LABEL maintainer=A Team <team@example.com>", "LABEL maintainer=A Team <team@example.com>"),
        (
            "RUN |2 API_TOKEN=hunter2 CHANNEL=stable /bin/sh -c make",
            f"RUN |2 API_TOKEN={MASK} CHANNEL=stable /bin/sh -c make",
        ),
        (
            "RUN |1 API_TOKEN=hunter 2 /bin/bash -o pipefail -c make x # buildkit",
            f"RUN |1 API_TOKEN={MASK} /bin/bash -o pipefail -c make x # buildkit",
        ),
        ("|1 API_TOKEN=hunter2 /bin/sh -c make", f"|1 API_TOKEN={MASK} /bin/sh -c make"),
        ("RUN |1 API_TOKEN=hunter2 make all", f"RUN |1 API_TOKEN={MASK}"),
        (
            "RUN |1 CHANNEL=stable /bin/sh -c A_TOKEN=x make",
            f"RUN |1 CHANNEL=stable /bin/sh -c A_TOKEN={MASK} make",
        ),
        ("RUN export DB_PASSWORD=abc && make", f"RUN export DB_PASSWORD={MASK} && make"),
        ('curl -H "Authorization: Bearer abcdef" x', f'curl -H "Authorization: {MASK}" x'),
        ("curl -H Authorization:Bearer abcdef x", f"curl -H Authorization:{MASK} x"),
        ('sh -c "curl -H \\"X-Api-Key: a b\\" x"', f'sh -c "curl -H \\"X-Api-Key: {MASK}\\" x"'),
        ("run --password=foo --token foo -v", f"run --password={MASK} --token {MASK} -v"),
        ('run --password="a b" x', f'run --password="{MASK}" x'),
        ('-e "PASSWORD=a b" x', f'-e "PASSWORD={MASK}" x'),
        ("curl https://x/?token=abc", f"curl https://x/?token={MASK}"),
        ("curl -u me:pw https://x", f"curl -u me:{MASK} https://x"),
        ("docker run -u 1000:1000 x", "docker run -u 1000:1000 x"),
        ("docker login -u me -p pw x && mkdir -p /a", f"docker login -u me -p {MASK} x && mkdir -p /a"),
        ("mysql -u root -ppw db", f"mysql -u root -p{MASK} db"),
        ("echo pw | docker login --password-stdin x", f"echo {MASK} | docker login --password-stdin x"),
        ("echo root:pw | chpasswd", f"echo root:{MASK} | chpasswd"),
        ("echo ${TOKEN:-abc} $TOKEN", f"echo ${{TOKEN:{MASK} $TOKEN"),
        ("os.environ['TOKEN'] = 'abc'", f"os.environ['TOKEN'] = '{MASK}'"),
        (
            'CMD ["app" "--password=x" "--token" "x y" "ok"]',
            f'CMD ["app" "--password={MASK}" "--token" "{MASK}" "ok"]',
        ),
        ('CMD ["app","--token","x y"]', f'CMD ["app","--token","{MASK}"]'),
        ("RUN gpg --recv-keys 0xABCD; echo ok", "RUN gpg --recv-keys 0xABCD; echo ok"),
        (
            "RUN --mount=type=secret,id=npm_token,target=/x npm ci",
            "RUN --mount=type=secret,id=npm_token,target=/x npm ci",
        ),
        ("COPY --chown=a:b . /srv # buildkit", "COPY --chown=a:b . /srv # buildkit"),
        ("", ""),
    ],
)
def test_the_secrets_of_a_layer_instruction_are_masked(instruction: str, shown: str) -> None:
    assert mask_instruction(instruction) == shown


def test_the_secrets_of_an_argument_list_are_masked() -> None:
    command = ["app", "--token", "x", "--password=a b", "-e", "A_TOKEN=b c", "-u", "me:pw", "--port", "80"]
    shown = [
        "app",
        "--token",
        MASK,
        f"--password={MASK}",
        "-e",
        f"A_TOKEN={MASK}",
        "-u",
        f"me:{MASK}",
        "--port",
        "80",
    ]
    assert mask_arguments(command) == shown
    assert mask_arguments(["sh", "-c", "export TOKEN=x && make"]) == [
        "sh",
        "-c",
        f"export TOKEN={MASK} && make",
    ]
    assert mask_arguments(["login", "--password-stdin", "host"]) == ["login", "--password-stdin", "host"]


INSPECT = {
    "Id": "sha256:6d79bfd8b003",
    "RepoTags": ["secret-app:latest", "auth:1.0"],
    "RepoDigests": ["auth@sha256:6d79bfd8b003"],
    "Author": "A Team",
    "Config": {
        "Env": ["PATH=/bin", "API_TOKEN=hunter2"],
        "Cmd": ["app", "--token", "hunter2"],
        "Entrypoint": ["sh", "-c", "A_TOKEN=hunter2 make"],
        "Labels": {"secret.token": "hunter2", "a.url": "https://u:hunter2@host/", "maintainer": "A Team"},
        "OnBuild": ["ENV A_TOKEN=hunter2"],
        "Healthcheck": {"Test": ["CMD-SHELL", "curl -u me:hunter2 x"], "Interval": 5},
        "StopSignal": "SIGTERM",
        "Volumes": {"/run/secrets": {}},
    },
    "ContainerConfig": {
        "Env": ["X_PASSWORD=hunter2"],
        "Cmd": ["/bin/sh", "-c", "#(nop) ", "ENV A_TOKEN=hunter2 b"],
    },
    "history": [
        {"created_by": "ENV A_TOKEN=hunter2", "empty_layer": True},
        {"CreatedBy": "ARG PASSWORD=hunter2"},
    ],
    "auths": {"registry": {"auth": "hunter2", "identitytoken": "hunter2"}},
    "pairs": [{"name": "A_TOKEN", "value": "hunter2"}, {"Key": "PATH", "Value": "/bin"}],
    "args": {"build-arg:NPM_TOKEN": "hunter2", "target": "web"},
    "Passwords": ["hunter2", None],
    "Pin": {"password": 4711, "token": None, "secret": True},
    "Size": 12,
}


def test_the_secrets_of_an_engine_document_are_masked_wherever_they_are() -> None:
    before = copy.deepcopy(INSPECT)
    masked = mask_document(INSPECT)
    assert before == INSPECT
    assert "hunter2" not in json.dumps(masked)
    assert isinstance(masked, dict)
    assert masked["Config"]["Env"] == ["PATH=/bin", f"API_TOKEN={MASK}"]
    assert masked["Config"]["Labels"] == {
        "secret.token": MASK,
        "a.url": f"https://u:{MASK}@host/",
        "maintainer": "A Team",
    }
    assert masked["pairs"] == [{"name": "A_TOKEN", "value": MASK}, {"Key": "PATH", "Value": "/bin"}]
    assert masked["Pin"] == {"password": MASK, "token": None, "secret": True}


@pytest.mark.parametrize("key", ["Id", "RepoTags", "RepoDigests", "Author", "Size"])
def test_what_identifies_an_image_is_never_masked(key: str) -> None:
    masked = mask_document(INSPECT)
    assert isinstance(masked, dict)
    assert masked[key] == INSPECT[key]


def test_a_document_nested_without_end_is_masked_below_what_an_engine_writes() -> None:
    deep: object = "hunter2"
    for _ in range(500):
        deep = [deep]
    assert "hunter2" not in json.dumps(mask_document(deep))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["Env", "Cmd", "Labels"]), inner)
    ),
)
NAME = st.sampled_from(["API_TOKEN", "DB_PASSWORD", "secret_key", "AWS_SECRET_ACCESS_KEY", "SMTP_PASS"])
SECRET = st.from_regex(r"zq[!-~]{3,20}qz", fullmatch=True)
SPACED = st.from_regex(r"zq[!-<>-~]{1,9}( zq[!-<>-~]{1,9}){0,3}qz", fullmatch=True)


@given(JSON)
def test_a_masked_document_has_the_shape_of_the_document(document: object) -> None:
    masked = mask_document(document)
    assert type(masked) is type(document)
    if isinstance(document, dict) and isinstance(masked, dict):
        assert list(masked) == list(document)


@given(NAME, SPACED)
def test_the_value_of_a_secret_is_in_no_form_that_an_engine_gives_it(name: str, secret: str) -> None:
    document = {
        "Env": [f"{name}={secret}"],
        "Labels": {name: secret},
        "Cmd": [f"--{name}", secret, f"--{name}={secret}", f"{name}={secret}"],
        name: secret,
        "history": [
            {"CreatedBy": f"ENV {name}={secret}"},
            {"CreatedBy": f"ENV {name} {secret}"},
            {"CreatedBy": f"/bin/sh -c #(nop)  ENV {name}={secret}"},
            {"CreatedBy": f"ENV A=1 {name}={secret}"},
            {"CreatedBy": f"LABEL {name}={secret}"},
            {"CreatedBy": f"ARG {name}={secret}"},
            {"CreatedBy": f"RUN |2 A=1 {name}={secret} /bin/sh -c make # buildkit"},
            {"CreatedBy": f"|1 {name}={secret} /bin/sh -c make"},
        ],
    }
    assert "zq" not in json.dumps(mask_document(document))


@given(NAME, SPACED, st.sampled_from(["", "ENV ", "ARG ", "LABEL ", "RUN export ", "RUN make --", "RUN |1 "]))
def test_a_quoted_secret_never_remains(name: str, secret: str, before: str) -> None:
    assert "zq" not in mask_instruction(f"{before}{name}={shlex.quote(secret)}")
    assert "zq" not in mask_instruction(f"{before}{name}={json.dumps(secret)}")
    assert "zq" not in mask_instruction(f"{before}{name}={shlex.quote(secret)} OTHER=1")
    assert "zq" not in mask_text(f"run --{name} {shlex.quote(secret)} && make")
    assert "zq" not in mask_text(json.dumps({name: secret}))
    assert "zq" not in mask_text(f"x {shlex.quote(f'{name}={secret}')} y")


@given(NAME, SECRET)
def test_an_unquoted_secret_without_spaces_never_remains(name: str, secret: str) -> None:
    word = secret.replace("'", "").replace('"', "")
    for text in (
        f"export {name}={word} && make",
        f"make --{name}={word}",
        f"{name}: {word}",
        f"{name}={word}&& x",
    ):
        assert "zq" not in mask_text(text)
    assert "zq" not in mask_instruction(f"ENV {name}={secret} OTHER=1")


@given(
    st.from_regex(r"zq[A-Za-z0-9%:!$&*+,;=._~-]{1,20}qz", fullmatch=True),
    st.sampled_from(["postgres", "https"]),
)
def test_the_password_of_a_url_never_remains(password: str, scheme: str) -> None:
    assert mask_text(f"see {scheme}://u:{password}@host/path ok") == f"see {scheme}://u:{MASK}@host/path ok"


@given(st.text(st.sampled_from("tokenTOKEN=: \"'\\-|ENV\n@/{}[],#>1"), max_size=60))
def test_any_text_is_masked_without_an_error(text: str) -> None:
    assert isinstance(mask_instruction(text), str)
    assert isinstance(mask_instruction(f"ENV {text}"), str)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "mysql -u x ",
            "htpasswd -b -B ",
            "curl -u a",
            "echo 'a' | ",
            "mc alias set a ",
            "aws configure set ",
        ),
        *(
            "https://u:p@",
            "https://a/hooks/",
            "a:b@",
            "user:p@h.",
            "jdbc:oracle:thin:a/",
            "Basic dXNlcjpw",
            "://",
        ),
        *(
            "token=",
            "--token ",
            "set token ",
            "x" * 60 + ":",
            "-----BEGIN PRIVATE KEY-----",
            "7z -p",
            "\\\"'",
        ),
        *(
            "useradd -p ",
            "login a password ",
            "IDENTIFIED BY ",
            "vault login ",
            "zip -P ",
            "net user a ",
            "sqlplus a/",
        ),
    ],
)
def test_no_text_takes_a_power_of_its_length(text: str) -> None:
    for hostile in (text * (65_536 // len(text)), text + "a" * 65_536, text + " a" * 32_768):
        begun = time.process_time()
        mask_instruction(f"RUN {hostile}")
        assert time.process_time() - begun < 10


MARK = "M4rkedS3cret"


@pytest.mark.parametrize(
    "instruction",
    [
        f"aws configure set aws_secret_access_key {MARK}",
        f"aws configure set profile.x.aws_secret_access_key {MARK} --profile x",
        f"npm config set //registry.npmjs.org/:_authToken {MARK}",
        f"npm config set _password '{MARK}'",
        f"git config --global github.token {MARK}",
        f"composer config http-basic.repo.example.com user {MARK}",
        f"htpasswd -b /etc/nginx/.htpasswd admin {MARK}",
        f"htpasswd -Bbn admin {MARK} > /auth/htpasswd",
        f"htpasswd -c -b f admin {MARK}; true",
        f"zip -r -P {MARK} out.zip /srv",
        f"unzip -P {MARK} in.zip && rm in.zip",
        f"7z x -p{MARK} in.7z",
        f"sqlcmd -S db -U sa -P {MARK} -Q 'select 1'",
        f"ldapadd -x -D cn=admin,dc=x -w {MARK} -f x.ldif",
        f"ldapsearch -w{MARK} -b dc=x",
        f"openssl enc -d -aes256 -k {MARK} -in a -out b",
        f"openssl rsa -in k -passin pass:{MARK} -out l",
        f"rabbitmqctl add_user admin {MARK}",
        f"vault operator unseal {MARK}",
        f"vault login {MARK}",
        f"mc alias set local http://minio:9000 root {MARK}",
        f"useradd -m -p {MARK} dev",
        f"smbclient //srv/share -U user%{MARK} -c ls",
        f"lftp -u user,{MARK} sftp://h",
        f"curl -u user:{MARK} https://h",
        f"curl --user  'user:{MARK}' https://h",
        f"curl -u {MARK}: https://h",
        "curl -H 'Authorization: Basic dXNlcjpNNHJrZWRTM2NyZXQ=' https://h",
        f"echo {MARK} | sudo -S apt-get update",
        f"printf {MARK} | docker login -u x --password-stdin",
        f"docker login -u x --password-stdin <<< {MARK}",
        f"mysql -uroot -p{MARK} -e x",
        f"mongosh -u root -p {MARK} db",
        f"redis-cli -a {MARK} ping",
        f"psql -c \"CREATE USER x WITH PASSWORD '{MARK}'\"",
        f"mysql -e \"CREATE USER x IDENTIFIED BY '{MARK}'\"",
        f"echo machine github.com login x password {MARK} > ~/.netrc",
        f"sqlplus scott/{MARK}@db",
        f"echo requirepass {MARK} >> /etc/redis.conf",
        f"twine upload -u __token__ -p {MARK} dist/*",
    ],
)
def test_what_a_command_takes_as_a_secret_is_masked(instruction: str) -> None:
    for shown in (
        mask_instruction(f"RUN {instruction}"),
        mask_instruction(f"/bin/sh -c {instruction} # buildkit"),
        mask_instruction(f"RUN /bin/sh -c set -eux; true && {instruction} && true # buildkit"),
        mask_instruction(f"RUN |1 V=1 /bin/sh -c {instruction} # buildkit"),
    ):
        assert MARK not in shown
        assert "dXNlcjpNNHJrZWRTM2NyZXQ" not in shown
        assert MASK in shown


@pytest.mark.parametrize(
    "instruction",
    [
        "apt-get install -y --no-install-recommends passwd openssl ca-certificates",
        "set -eux; apk add --no-cache keyutils libpwquality",
        "docker run -p 80:80 -u 1000:1000 nginx:1.25@sha256:" + "a" * 64,
        "pip install --no-cache-dir x==1.0",
        "npm config set registry https://registry.npmjs.org/",
        "zip -r out.zip /srv",
        "tar -xzf a.tgz -C /usr/local --strip-components=1",
        "git clone git@github.com:a/b.git",
        "curl -fsSL https://example.com/x.tgz | tar xz",
        "echo hello | tee /etc/motd",
        "Basic configuration of basic services",
        "LABEL maintainer=NGINX Docker Maintainers <docker-maint@nginx.com>",
        "LABEL contact=mailto:someone@example.com",
        "COPY dir:3a0e7b0f2d8ef5a1c4b6d8e9f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0 in /",
        "apt-get install datadog-agent=1:7.52.0-1",
        "{ echo 'Package: php*'; echo 'Pin: release *'; echo 'Pin-Priority: -1'; } > /etc/apt/no-php",
        "groupadd -r mysql && useradd -r -g mysql mysql && mkdir -p /var/lib/mysql /var/run/mysqld",
        "date -u +%Y-%m-%dT%H:%M:%SZ > /built",
        "addgroup -S -g 1000 redis; adduser -S -G redis -u 999 redis",
        "set -eux; gosu --version; gosu nobody true; apk del --no-network .fetch-deps",
        "savedAptMark=$(apt-mark showmanual); apt-get update; apt-get install -y wget gnupg dirmngr",
        "export GNUPGHOME=$(mktemp -d); gpg --batch --verify /gosu.asc /gosu; rm -rf $GNUPGHOME",
        "wget -O python.tar.xz https://www.python.org/ftp/python/3.12.1/Python-3.12.1.tar.xz",
        "find /usr/local -depth -type d -a -name test -o -type f -a -name '*.pyc' -exec rm -rf '{}' +",
        "ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log",
        "pip3 install https://files.pythonhosted.org/packages/source/p/pip/pip-24.0.tar.gz",
        "npm install -g react@npm:preact@10.0.0 yarn@v1.22.19 && npm cache clean --force",
        "FROM registry.example.com:5000/team/web:1.2.3@sha256:" + "b" * 64,
        "docker-image://web:1.0@sha256:" + "c" * 64,
        "docker-image://localhost:5000/web:1.0@sha256:" + "c" * 64,
        "localhost:5000/web:1.0@sha512:" + "c" * 128,
        "web:1.0@sha256:" + "c" * 64,
        "git clone --depth 1 --branch v1.2.3 https://github.com/krallin/tini.git /src",
        "sed -ri 's!^(chown) .*!# &!' /usr/local/bin/docker-entrypoint.sh && a2enmod rewrite",
    ],
)
def test_what_is_no_secret_is_left_alone(instruction: str) -> None:
    for text in (instruction, f"RUN {instruction}", f"/bin/sh -c {instruction} # buildkit"):
        assert mask_instruction(text) == text


@pytest.mark.parametrize(
    "text",
    [
        f"tcp://user:{MARK}@[bad",
        f"tcp://user:{MARK}/w@127.0.0.1:1",
        f"tcp://user:{MARK}#w@h",
        f"tcp://user:{MARK}?w@h:1",
        f"tcp://user:12/{MARK}@h:1",
        f"https://user:80{MARK}@h",
        f"http:/user:{MARK}@h/x",
        f"http:user:{MARK}@h.example.com",
        f"//user:{MARK}@h.example.com/x",
        f"user:{MARK}@proxy:3128",
        f"user:{MARK}@proxy.example.com",
        f"root:{MARK}@tcp(db:3306)/app?parseTime=true",
        f"root:{MARK}@unix(/run/mysqld.sock)/app",
        f"jdbc:mysql://user:{MARK}@h:3306/db",
        f"jdbc:oracle:thin:scott/{MARK}@//h:1521/x",
        f"mongodb+srv://u:{MARK}@c.mongodb.net/?a=b",
        f"git+ssh://u:{MARK}@h/x",
        f"https://u%40x:{MARK}%40@h",
        f"postgres://u:{MARK}@h1,h2:5432/db",
        f"https://{MARK}@h:bad:port/",
    ],
)
def test_the_password_of_an_address_is_masked_whatever_is_wrong_with_it(text: str) -> None:
    for shown in (
        mask_text(text),
        mask_assignment(f"ENDPOINT={text}"),
        mask_instruction(f"ENV ENDPOINT={text}"),
        json.dumps(mask_document({"Config": {"Labels": {"a": text}, "Env": [f"X={text}"]}, "Other": text})),
    ):
        assert MARK not in shown


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.slack.com/services/T0/B0/",
        "https://discord.com/api/webhooks/123/",
        "https://discordapp.com/api/v10/webhooks/123/",
        "https://api.telegram.org/bot123:",
        "https://x.webhook.office.com/webhookb2/",
        "https://outlook.office.com/webhook/",
        "https://hooks.zapier.com/hooks/catch/1/",
        "https://mattermost.example.com/hooks/",
        "https://chat.googleapis.com/v1/spaces/x/messages?key=1&token=",
        "https://example.com/api/webhook/",
    ],
)
def test_the_address_of_a_webhook_is_a_secret_under_any_name(address: str) -> None:
    for shown in (
        mask_assignment(f"NOTIFY={address}{MARK}"),
        mask_instruction(f"RUN curl -X POST {address}{MARK} -d x"),
        json.dumps(mask_document({"Other": address + MARK})),
    ):
        assert MARK not in shown
