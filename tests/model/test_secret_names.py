import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.safety.secrets import looks_secret

SECRET = [
    "PASSWORD",
    "password",
    "Passwd",
    "DB_PASSWORD",
    "POSTGRES_PASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "PGPASSWORD",
    "dbPassword",
    "db.password",
    "spring.datasource.password",
    "DB_PASS",
    "SMTPPASS",
    "DB_PWD",
    "dbPwd",
    "PASSPHRASE",
    "ssh-passphrase",
    "POSTGRES_PASSWORD_FILE",
    "SECRET",
    "CLIENT_SECRET",
    "clientSecret",
    "client-secret",
    "SECRETS",
    "JWT_SECRET_KEY",
    "DJANGO_SECRET_KEY",
    "TOKEN",
    "API_TOKEN",
    "GITHUB_TOKEN",
    "githubToken",
    "GITHUBTOKEN",
    "secret.token",
    "NPM_TOKEN2",
    "ACCESS_TOKENS",
    "authtoken",
    "TOKENIZER_API_TOKEN",
    "API_KEY",
    "APIKEY",
    "apiKey",
    "x-api-key",
    "OPENAI_API_KEY",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "SSH_PRIVATE_KEY",
    "SSH_KEY",
    "SSHKEY",
    "RAILS_MASTER_KEY",
    "APP_KEY",
    "ENCRYPTION_KEY",
    "GPG_PRIVATE_KEY",
    "CREDENTIAL",
    "credentials",
    "GOOGLE_CREDENTIALS",
    "DB_CREDS",
    "AUTH",
    "BASIC_AUTH",
    "basicauth",
    "Authorization",
    "PROXY_AUTHORIZATION",
    "OAUTH2_ID",
    "DOCKER_AUTH_CONFIG",
    "SENTRY_DSN",
    "CONNECTION_STRING",
    "ConnectionString",
    "connStr",
    "PASSWORD_SALT",
    "X_Signature",
    "GH_PAT",
    "RABBITMQ_ERLANG_COOKIE",
    "SLACK_WEBHOOK_URL",
    "BUILD_ARG:NPM_TOKEN",
    "PASSWORD1",
    "PIN",
    "SEED_PHRASE",
    "RECOVERY_CODE",
    "VAULT_UNSEAL",
    "CARD_CVC",
    "XSRF-TOKEN",
    "PHPSESSID",
]

PUBLISHED = [
    "apikey",
    "api_key",
    "appkey",
    "app_key",
    "authkey",
    "auth_key",
    "servicekey",
    "service_key",
    "applicationkey",
    "application_key",
    "accountkey",
    "account_key",
    "dbkey",
    "db_key",
    "databasekey",
    "database_key",
    "clientkey",
    "client_key",
    "aws_secret_access_key",
    "db_pass",
    "password",
    "passwd",
    "pass",
    "private_key",
    "privatekey",
    "priv_key",
    "privkey",
    "secret",
    "secrete",
    "secreto",
    "keypass",
    "token",
    "contrasena",
    "contraseña",
    "credentials",
    "authorization",
    "cookie",
    "csrftoken",
    "sessionid",
    "mysql_pwd",
    "x_csrftoken",
    "set_cookie",
    "x_api_key",
]
"""The names of Yelp's detect-secrets (plugins/keyword.py, 010e929e) but for `pwd`, which is a folder, and
those of Sentry's scrubber (sentry-python, 022b38d8) that name a secret."""

HARMLESS = [
    "PATH",
    "KEYBOARD",
    "MONKEY",
    "TOKENIZERS_PARALLELISM",
    "TOKENISER",
    "PYTHON_VERSION",
    "GPG_KEY",
    "GPG_KEYS",
    "PUBLIC_KEY",
    "SSH_HOST_KEY",
    "recv-keys",
    "maintainer",
    "org.opencontainers.image.authors",
    "AUTHOR",
    "AUTHORS",
    "AUTHORITY",
    "XAUTHORITY",
    "PWD",
    "OLDPWD",
    "HOME",
    "LANG",
    "NODE_VERSION",
    "JAVA_HOME",
    "COMPASS",
    "BYPASS",
    "KEYMAP",
    "HOTKEY",
    "PATTERN",
    "NGINX_VERSION",
    "PYTHON_SHA256",
    "TURKEY",
    "DATABASE_HOST",
    "com.docker.compose.project",
    "org.opencontainers.image.source",
    "PKG_RELEASE",
    "DEBIAN_FRONTEND",
    "PYTHONPATH",
    "SIGNAL",
]


@pytest.mark.parametrize("name", [*SECRET, *PUBLISHED])
def test_a_name_that_could_hold_a_secret_looks_secret(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize("name", [*HARMLESS, "", "_", "é"])
def test_a_name_that_only_resembles_one_does_not(name: str) -> None:
    assert not looks_secret(name)


@given(st.sampled_from(SECRET), st.sampled_from(["_", "-", ".", "/", "__"]), st.sampled_from(HARMLESS))
def test_a_secret_name_stays_one_with_other_words_around_it(secret: str, joint: str, other: str) -> None:
    assert looks_secret(f"{other}{joint}{secret}{joint}{other}")
    assert looks_secret(f"{other}{joint}{secret}".upper())


@given(st.text())
def test_any_name_is_answered_the_same_every_time(name: str) -> None:
    assert looks_secret(name) == looks_secret(name)
    assert looks_secret(f"{name}_password")


def test_a_name_of_any_length_is_answered() -> None:
    assert looks_secret("x" * 100_000 + "_TOKEN")
    assert not looks_secret("x" * 100_000)
