"""Shapes of tokens: the rules of gitleaks v8.30.0-27-gb58d3f10.

Source: https://github.com/gitleaks/gitleaks, config/gitleaks.toml, taken in by `python -m tests.gitleaks`;
not edited by hand. A rule is its name there, words of which one is in every text that it matches (in lower
case), and a pattern for `re.ASCII`: its first group that matched, or all of it, is the secret. Entropy and
lists of exceptions are left out: to mask too much costs a look.
Left out: curl-auth-header, curl-auth-user, generic-api-key, kubernetes-secret-yaml, pkcs12-file, private-key.

MIT License

Copyright (c) 2019 Zachary Rice

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""

from typing import Final

RULES: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    (
        "1password-secret-key",
        ("a3-",),
        r"\bA3-[A-Z0-9]{6}-(?:(?:[A-Z0-9]{11})|(?:[A-Z0-9]{6}-[A-Z0-9]{5}))-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}\b",
    ),
    ("1password-service-account-token", ("ops_",), r"ops_eyJ[a-zA-Z0-9+/]{250,}={0,3}"),
    (
        "adafruit-api-key",
        ("adafruit",),
        r"""(?i)(?:adafruit)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9_-]{32})(?![A-Za-z0-9])""",
    ),
    (
        "adobe-client-id",
        ("adobe",),
        r"""(?i)(?:adobe)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-f0-9]{32})(?![A-Za-z0-9])""",
    ),
    ("adobe-client-secret", ("p8e-",), r"\b(p8e-(?i:[a-z0-9]{32}))(?![A-Za-z0-9])"),
    ("age-secret-key", ("age-secret-key-1",), r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    (
        "airtable-api-key",
        ("airtable",),
        r"""(?i)(?:airtable)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{17})(?![A-Za-z0-9])""",
    ),
    ("airtable-personnal-access-token", ("airtable",), r"\b(pat[A-Za-z0-9]{14}\.[a-f0-9]{64})\b"),
    (
        "algolia-api-key",
        ("algolia",),
        r"""(?i)(?:algolia)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{32})(?![A-Za-z0-9])""",
    ),
    ("alibaba-access-key-id", ("ltai",), r"\b(LTAI(?i:[a-z0-9]{20}))(?![A-Za-z0-9])"),
    (
        "alibaba-secret-key",
        ("alibaba",),
        r"""(?i)(?:alibaba)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{30})(?![A-Za-z0-9])""",
    ),
    (
        "anthropic-admin-api-key",
        ("sk-ant-admin01",),
        r"\b(sk-ant-admin01-[a-zA-Z0-9_\-]{93}AA)(?![A-Za-z0-9])",
    ),
    ("anthropic-api-key", ("sk-ant-api03",), r"\b(sk-ant-api03-[a-zA-Z0-9_\-]{93}AA)(?![A-Za-z0-9])"),
    ("artifactory-api-key", ("akcp",), r"\bAKCp[A-Za-z0-9]{69}\b"),
    ("artifactory-reference-token", ("cmvmd",), r"\bcmVmd[A-Za-z0-9]{59}\b"),
    (
        "asana-client-id",
        ("asana",),
        r"""(?i)(?:asana)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([0-9]{16})(?![A-Za-z0-9])""",
    ),
    (
        "asana-client-secret",
        ("asana",),
        r"""(?i)(?:asana)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{32})(?![A-Za-z0-9])""",
    ),
    (
        "atlassian-api-token",
        ("atatt3", "atlassian", "confluence", "jira"),
        r"""(?i)(?:(?-i:ATLASSIAN|[Aa]tlassian)|(?-i:CONFLUENCE|[Cc]onfluence)|(?-i:JIRA|[Jj]ira))(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{20}[a-f0-9]{4})(?![A-Za-z0-9])|\b(ATATT3[A-Za-z0-9_\-=]{186})(?![A-Za-z0-9])""",
    ),
    (
        "authress-service-client-access-key",
        ("authress_", "ext_", "sc_", "scauth_"),
        r"\b((?:sc|ext|scauth|authress)_(?i:[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.(?-i:acc)[_-][a-z0-9-]{10,32}\.[a-z0-9+/_=-]{30,120}))(?![A-Za-z0-9])",
    ),
    (
        "aws-access-token",
        ("a3t", "abia", "acca", "akia", "asia"),
        r"\b((?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b",
    ),
    (
        "aws-amazon-bedrock-api-key-long-lived",
        ("absk",),
        r"\b(ABSK[A-Za-z0-9+/]{109,269}={0,2})(?![A-Za-z0-9])",
    ),
    (
        "aws-amazon-bedrock-api-key-short-lived",
        ("bedrock-api-key-",),
        r"bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t",
    ),
    (
        "azure-ad-client-secret",
        ("q~",),
        r"""(?:^|[\\'"\x60\s>=:(,)])([a-zA-Z0-9_~.]{3}\dQ~[a-zA-Z0-9_~.-]{31,34})(?:$|[\\'"\x60\s<),])""",
    ),
    (
        "beamer-api-token",
        ("beamer",),
        r"""(?i)(?:beamer)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(b_[a-z0-9=_\-]{44})(?![A-Za-z0-9])""",
    ),
    (
        "bitbucket-client-id",
        ("bitbucket",),
        r"""(?i)(?:bitbucket)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{32})(?![A-Za-z0-9])""",
    ),
    (
        "bitbucket-client-secret",
        ("bitbucket",),
        r"""(?i)(?:bitbucket)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9=_\-]{64})(?![A-Za-z0-9])""",
    ),
    (
        "bittrex-access-key",
        ("bittrex",),
        r"""(?i)(?:bittrex)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{32})(?![A-Za-z0-9])""",
    ),
    (
        "bittrex-secret-key",
        ("bittrex",),
        r"""(?i)(?:bittrex)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{32})(?![A-Za-z0-9])""",
    ),
    (
        "cisco-meraki-api-key",
        ("meraki",),
        r"""(?i:(?:(?-i:[Mm]eraki|MERAKI))(?:[ \t\w.-]{0,20})[\s'"]{0,3})(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([0-9a-f]{40})(?![A-Za-z0-9])""",
    ),
    ("clickhouse-cloud-api-secret-key", ("4b1d",), r"\b(4b1d[A-Za-z0-9]{38})\b"),
    ("clojars-api-token", ("clojars_",), r"(?i)CLOJARS_[a-z0-9]{60}"),
    (
        "cloudflare-api-key",
        ("cloudflare",),
        r"""(?i)(?:cloudflare)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9_-]{40})(?![A-Za-z0-9])""",
    ),
    (
        "cloudflare-global-api-key",
        ("cloudflare",),
        r"""(?i)(?:cloudflare)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-f0-9]{37})(?![A-Za-z0-9])""",
    ),
    (
        "cloudflare-origin-ca-key",
        ("cloudflare", "v1.0-"),
        r"\b(v1\.0-[a-f0-9]{24}-[a-f0-9]{146})(?![A-Za-z0-9])",
    ),
    (
        "codecov-access-token",
        ("codecov",),
        r"""(?i)(?:codecov)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{32})(?![A-Za-z0-9])""",
    ),
    (
        "cohere-api-token",
        ("co_api_key", "cohere"),
        r"""(?i:(?:cohere|CO_API_KEY)(?:[ \t\w.-]{0,20})[\s'"]{0,3})(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-zA-Z0-9]{40})(?![A-Za-z0-9])""",
    ),
    (
        "coinbase-access-token",
        ("coinbase",),
        r"""(?i)(?:coinbase)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9_-]{64})(?![A-Za-z0-9])""",
    ),
    (
        "confluent-access-token",
        ("confluent",),
        r"""(?i)(?:confluent)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{16})(?![A-Za-z0-9])""",
    ),
    (
        "confluent-secret-key",
        ("confluent",),
        r"""(?i)(?:confluent)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{64})(?![A-Za-z0-9])""",
    ),
    (
        "contentful-delivery-api-token",
        ("contentful",),
        r"""(?i)(?:contentful)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9=_\-]{43})(?![A-Za-z0-9])""",
    ),
    ("databricks-api-token", ("dapi",), r"\b(dapi[a-f0-9]{32}(?:-\d)?)(?![A-Za-z0-9])"),
    (
        "datadog-access-token",
        ("datadog",),
        r"""(?i)(?:datadog)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{40})(?![A-Za-z0-9])""",
    ),
    (
        "defined-networking-api-token",
        ("dnkey",),
        r"""(?i)(?:dnkey)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(dnkey-[a-z0-9=_\-]{26}-[a-z0-9=_\-]{52})(?![A-Za-z0-9])""",
    ),
    ("digitalocean-access-token", ("doo_v1_",), r"\b(doo_v1_[a-f0-9]{64})(?![A-Za-z0-9])"),
    ("digitalocean-pat", ("dop_v1_",), r"\b(dop_v1_[a-f0-9]{64})(?![A-Za-z0-9])"),
    ("digitalocean-refresh-token", ("dor_v1_",), r"(?i)\b(dor_v1_[a-f0-9]{64})(?![A-Za-z0-9])"),
    (
        "discord-api-token",
        ("discord",),
        r"""(?i)(?:discord)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-f0-9]{64})(?![A-Za-z0-9])""",
    ),
    (
        "discord-client-id",
        ("discord",),
        r"""(?i)(?:discord)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([0-9]{18})(?![A-Za-z0-9])""",
    ),
    (
        "discord-client-secret",
        ("discord",),
        r"""(?i)(?:discord)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9=_\-]{32})(?![A-Za-z0-9])""",
    ),
    ("doppler-api-token", ("dp.pt.",), r"dp\.pt\.(?i:[a-z0-9]{43})"),
    (
        "droneci-access-token",
        ("droneci",),
        r"""(?i)(?:droneci)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{32})(?![A-Za-z0-9])""",
    ),
    (
        "dropbox-api-token",
        ("dropbox",),
        r"""(?i)(?:dropbox)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{15})(?![A-Za-z0-9])""",
    ),
    (
        "dropbox-long-lived-api-token",
        ("dropbox",),
        r"""(?i)(?:dropbox)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{11}(AAAAAAAAAA)[a-z0-9\-_=]{43})(?![A-Za-z0-9])""",
    ),
    (
        "dropbox-short-lived-api-token",
        ("dropbox",),
        r"""(?i)(?:dropbox)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(sl\.[a-z0-9\-=_]{135})(?![A-Za-z0-9])""",
    ),
    ("duffel-api-token", ("duffel_",), r"duffel_(?:test|live)_(?i:[a-z0-9_\-=]{43})"),
    ("dynatrace-api-token", ("dt0c01.",), r"dt0c01\.(?i:[a-z0-9]{24}\.[a-z0-9]{64})"),
    ("easypost-api-token", ("ezak",), r"\bEZAK(?i:[a-z0-9]{54}\b)"),
    ("easypost-test-api-token", ("eztk",), r"\bEZTK(?i:[a-z0-9]{54}\b)"),
    (
        "etsy-access-token",
        ("etsy",),
        r"""(?i)(?:(?-i:ETSY|[Ee]tsy))(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{24})(?![A-Za-z0-9])""",
    ),
    ("facebook-access-token", ("facebook",), r"(?i)\b(\d{15,16}(\||%)[0-9a-z\-_]{27,40})(?![A-Za-z0-9])"),
    ("facebook-page-access-token", ("eaac", "eaam"), r"\b(EAA[MC](?i:[a-z0-9]{100,}))(?![A-Za-z0-9])"),
    (
        "facebook-secret",
        ("facebook",),
        r"""(?i)(?:facebook)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-f0-9]{32})(?![A-Za-z0-9])""",
    ),
    (
        "fastly-api-token",
        ("fastly",),
        r"""(?i)(?:fastly)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9=_\-]{32})(?![A-Za-z0-9])""",
    ),
    (
        "finicity-api-token",
        ("finicity",),
        r"""(?i)(?:finicity)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-f0-9]{32})(?![A-Za-z0-9])""",
    ),
    (
        "finicity-client-secret",
        ("finicity",),
        r"""(?i)(?:finicity)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{20})(?![A-Za-z0-9])""",
    ),
    (
        "finnhub-access-token",
        ("finnhub",),
        r"""(?i)(?:finnhub)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{20})(?![A-Za-z0-9])""",
    ),
    (
        "flickr-access-token",
        ("flickr",),
        r"""(?i)(?:flickr)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{32})(?![A-Za-z0-9])""",
    ),
    ("flutterwave-encryption-key", ("flwseck_test",), r"FLWSECK_TEST-(?i:[a-h0-9]{12})"),
    ("flutterwave-public-key", ("flwpubk_test",), r"FLWPUBK_TEST-(?i:[a-h0-9]{32}-X)"),
    ("flutterwave-secret-key", ("flwseck_test",), r"FLWSECK_TEST-(?i:[a-h0-9]{32}-X)"),
    (
        "flyio-access-token",
        ("fm1", "fm2_", "fo1_"),
        r"\b((?:fo1_[\w-]{43}|fm1[ar]_[a-zA-Z0-9+\/]{100,}={0,3}|fm2_[a-zA-Z0-9+\/]{100,}={0,3}))(?![A-Za-z0-9])",
    ),
    ("frameio-api-token", ("fio-u-",), r"fio-u-(?i:[a-z0-9\-_=]{64})"),
    ("freemius-secret-key", ("secret_key",), r"""(?i)["']secret_key["']\s*=>\s*["'](sk_[\S]{29})["']"""),
    (
        "freshbooks-access-token",
        ("freshbooks",),
        r"""(?i)(?:freshbooks)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{64})(?![A-Za-z0-9])""",
    ),
    ("gcp-api-key", ("aiza",), r"\b(AIza[\w-]{35})(?![A-Za-z0-9])"),
    ("github-app-token", ("ghs_", "ghu_"), r"(?:ghu|ghs)_[0-9a-zA-Z]{36}"),
    ("github-fine-grained-pat", ("github_pat_",), r"github_pat_\w{82}"),
    ("github-oauth", ("gho_",), r"gho_[0-9a-zA-Z]{36}"),
    ("github-pat", ("ghp_",), r"ghp_[0-9a-zA-Z]{36}"),
    ("github-refresh-token", ("ghr_",), r"ghr_[0-9a-zA-Z]{36}"),
    ("gitlab-cicd-job-token", ("glcbt-",), r"glcbt-[0-9a-zA-Z]{1,5}_[0-9a-zA-Z_-]{20}"),
    ("gitlab-deploy-token", ("gldt-",), r"gldt-[0-9a-zA-Z_\-]{20}"),
    ("gitlab-feature-flag-client-token", ("glffct-",), r"glffct-[0-9a-zA-Z_\-]{20}"),
    ("gitlab-feed-token", ("glft-",), r"glft-[0-9a-zA-Z_\-]{20}"),
    ("gitlab-incoming-mail-token", ("glimt-",), r"glimt-[0-9a-zA-Z_\-]{25}"),
    ("gitlab-kubernetes-agent-token", ("glagent-",), r"glagent-[0-9a-zA-Z_\-]{50}"),
    ("gitlab-oauth-app-secret", ("gloas-",), r"gloas-[0-9a-zA-Z_\-]{64}"),
    ("gitlab-pat", ("glpat-",), r"glpat-[\w-]{20}"),
    ("gitlab-pat-routable", ("glpat-",), r"\bglpat-[0-9a-zA-Z_-]{27,300}\.[0-9a-z]{2}[0-9a-z]{7}\b"),
    ("gitlab-ptt", ("glptt-",), r"glptt-[0-9a-f]{40}"),
    ("gitlab-rrt", ("gr1348941",), r"GR1348941[\w-]{20}"),
    ("gitlab-runner-authentication-token", ("glrt-",), r"glrt-[0-9a-zA-Z_\-]{20}"),
    (
        "gitlab-runner-authentication-token-routable",
        ("glrt-",),
        r"\bglrt-t\d_[0-9a-zA-Z_\-]{27,300}\.[0-9a-z]{2}[0-9a-z]{7}\b",
    ),
    ("gitlab-scim-token", ("glsoat-",), r"glsoat-[0-9a-zA-Z_\-]{20}"),
    ("gitlab-session-cookie", ("_gitlab_session=",), r"_gitlab_session=[0-9a-z]{32}"),
    (
        "gitter-access-token",
        ("gitter",),
        r"""(?i)(?:gitter)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9_-]{40})(?![A-Za-z0-9])""",
    ),
    (
        "gocardless-api-token",
        ("gocardless", "live_"),
        r"""(?i)(?:gocardless)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(live_[a-z0-9\-_=]{40})(?![A-Za-z0-9])""",
    ),
    ("grafana-api-key", ("eyjrijoi",), r"(?i)\b(eyJrIjoi[A-Za-z0-9]{70,400}={0,3})(?![A-Za-z0-9])"),
    ("grafana-cloud-api-token", ("glc_",), r"(?i)\b(glc_[A-Za-z0-9+/]{32,400}={0,3})(?![A-Za-z0-9])"),
    (
        "grafana-service-account-token",
        ("glsa_",),
        r"(?i)\b(glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8})(?![A-Za-z0-9])",
    ),
    (
        "harness-api-key",
        ("pat.", "sat."),
        r"(?:pat|sat)\.[a-zA-Z0-9_-]{22}\.[a-zA-Z0-9]{24}\.[a-zA-Z0-9]{20}",
    ),
    ("hashicorp-tf-api-token", ("atlasv1",), r"(?i)[a-z0-9]{14}\.(?-i:atlasv1)\.[a-z0-9\-_=]{60,70}"),
    (
        "hashicorp-tf-password",
        ("administrator_login_password", "password"),
        r"""(?i)(?:administrator_login_password|password)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}("[a-z0-9=_\-]{8,20}")(?![A-Za-z0-9])""",
    ),
    (
        "heroku-api-key",
        ("heroku",),
        r"""(?i)(?:heroku)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![A-Za-z0-9])""",
    ),
    ("heroku-api-key-v2", ("hrku-aa",), r"\b((HRKU-AA[0-9a-zA-Z_-]{58}))(?![A-Za-z0-9])"),
    (
        "hubspot-api-key",
        ("hubspot",),
        r"""(?i)(?:hubspot)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12})(?![A-Za-z0-9])""",
    ),
    ("huggingface-access-token", ("hf_",), r"\b(hf_(?i:[a-z]{34}))(?![A-Za-z0-9])"),
    ("huggingface-organization-api-token", ("api_org_",), r"\b(api_org_(?i:[a-z]{34}))(?![A-Za-z0-9])"),
    ("infracost-api-token", ("ico-",), r"\b(ico-[a-zA-Z0-9]{32})(?![A-Za-z0-9])"),
    (
        "intercom-api-key",
        ("intercom",),
        r"""(?i)(?:intercom)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9=_\-]{60})(?![A-Za-z0-9])""",
    ),
    (
        "intra42-client-secret",
        ("intra", "s-s4t2af-", "s-s4t2ud-"),
        r"\b(s-s4t2(?:ud|af)-(?i:[abcdef0123456789]{64}))(?![A-Za-z0-9])",
    ),
    (
        "jfrog-api-key",
        ("artifactory", "bintray", "jfrog", "xray"),
        r"""(?i)(?:jfrog|artifactory|bintray|xray)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{73})(?![A-Za-z0-9])""",
    ),
    (
        "jfrog-identity-token",
        ("artifactory", "bintray", "jfrog", "xray"),
        r"""(?i)(?:jfrog|artifactory|bintray|xray)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{64})(?![A-Za-z0-9])""",
    ),
    (
        "jwt",
        ("ey",),
        r"\b(ey[a-zA-Z0-9]{17,}\.ey[a-zA-Z0-9\/\\_-]{17,}\.(?:[a-zA-Z0-9\/\\_-]{10,}={0,2})?)(?![A-Za-z0-9])",
    ),
    (
        "jwt-base64",
        ("zxlk",),
        r"\bZXlK(?:(?:aGJHY2lPaU)|(?:aGNIVWlPaU)|(?:aGNIWWlPaU)|(?:aGRXUWlPaU)|(?:aU5qUWlP)|(?:amNtbDBJanBi)|(?:amRIa2lPaU)|(?:bGNHc2lPbn)|(?:bGJtTWlPaU)|(?:cWEzVWlPaU)|(?:cWQyc2lPb)|(?:cGMzTWlPaU)|(?:cGRpSTZJ)|(?:cmFXUWlP)|(?:clpYbGZiM0J6SWpwY)|(?:cmRIa2lPaUp)|(?:dWIyNWpaU0k2)|(?:d01tTWlP)|(?:d01uTWlPaU)|(?:d2NIUWlPaU)|(?:emRXSWlPaU)|(?:emRuUWlP)|(?:MFlXY2lPaU)|(?:MGVYQWlPaUp)|(?:MWNtd2l)|(?:MWMyVWlPaUp)|(?:MlpYSWlPaU)|(?:MlpYSnphVzl1SWpv)|(?:NElqb2)|(?:NE5XTWlP)|(?:NE5YUWlPaU)|(?:NE5YUWpVekkxTmlJNkl)|(?:NE5YVWlPaU)|(?:NmFYQWlPaU))[a-zA-Z0-9\/\\_+\-\r\n]{40,}={0,2}",
    ),
    (
        "kraken-access-token",
        ("kraken",),
        r"""(?i)(?:kraken)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9\/=_\+\-]{80,90})(?![A-Za-z0-9])""",
    ),
    (
        "kucoin-access-token",
        ("kucoin",),
        r"""(?i)(?:kucoin)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-f0-9]{24})(?![A-Za-z0-9])""",
    ),
    (
        "kucoin-secret-key",
        ("kucoin",),
        r"""(?i)(?:kucoin)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![A-Za-z0-9])""",
    ),
    (
        "launchdarkly-access-token",
        ("launchdarkly",),
        r"""(?i)(?:launchdarkly)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9=_\-]{40})(?![A-Za-z0-9])""",
    ),
    ("linear-api-key", ("lin_api_",), r"lin_api_(?i:[a-z0-9]{40})"),
    (
        "linear-client-secret",
        ("linear",),
        r"""(?i)(?:linear)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-f0-9]{32})(?![A-Za-z0-9])""",
    ),
    (
        "linkedin-client-id",
        ("linked-in", "linked_in", "linkedin"),
        r"""(?i)(?:linked[_-]?in)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{14})(?![A-Za-z0-9])""",
    ),
    (
        "linkedin-client-secret",
        ("linked-in", "linked_in", "linkedin"),
        r"""(?i)(?:linked[_-]?in)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{16})(?![A-Za-z0-9])""",
    ),
    (
        "lob-api-key",
        ("live_", "test_"),
        r"""(?i)(?:lob)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}((live|test)_[a-f0-9]{35})(?![A-Za-z0-9])""",
    ),
    (
        "lob-pub-api-key",
        ("_pub", "live_pub", "test_pub"),
        r"""(?i)(?:lob)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}((test|live)_pub_[a-f0-9]{31})(?![A-Za-z0-9])""",
    ),
    (
        "looker-client-id",
        ("looker",),
        r"""(?i)(?:looker)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{20})(?![A-Za-z0-9])""",
    ),
    (
        "looker-client-secret",
        ("looker",),
        r"""(?i)(?:looker)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{24})(?![A-Za-z0-9])""",
    ),
    (
        "mailchimp-api-key",
        ("mailchimp",),
        r"""(?i)(?:MailchimpSDK.initialize|mailchimp)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-f0-9]{32}-us\d\d)(?![A-Za-z0-9])""",
    ),
    (
        "mailgun-private-api-token",
        ("mailgun",),
        r"""(?i)(?:mailgun)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(key-[a-f0-9]{32})(?![A-Za-z0-9])""",
    ),
    (
        "mailgun-pub-key",
        ("mailgun",),
        r"""(?i)(?:mailgun)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(pubkey-[a-f0-9]{32})(?![A-Za-z0-9])""",
    ),
    (
        "mailgun-signing-key",
        ("mailgun",),
        r"""(?i)(?:mailgun)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-h0-9]{32}-[a-h0-9]{8}-[a-h0-9]{8})(?![A-Za-z0-9])""",
    ),
    (
        "mapbox-api-token",
        ("mapbox",),
        r"""(?i)(?:mapbox)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(pk\.[a-z0-9]{60}\.[a-z0-9]{22})(?![A-Za-z0-9])""",
    ),
    (
        "mattermost-access-token",
        ("mattermost",),
        r"""(?i)(?:mattermost)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{26})(?![A-Za-z0-9])""",
    ),
    ("maxmind-license-key", ("_mmk",), r"\b([A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk)(?![A-Za-z0-9])"),
    (
        "messagebird-api-token",
        ("message-bird", "message_bird", "messagebird"),
        r"""(?i)(?:message[_-]?bird)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{25})(?![A-Za-z0-9])""",
    ),
    (
        "messagebird-client-id",
        ("message-bird", "message_bird", "messagebird"),
        r"""(?i)(?:message[_-]?bird)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![A-Za-z0-9])""",
    ),
    (
        "microsoft-teams-webhook",
        ("incomingwebhook", "webhook.office.com", "webhookb2"),
        r"https://[a-z0-9]+\.webhook\.office\.com/webhookb2/[a-z0-9]{8}-(?:[a-z0-9]{4}-){3}[a-z0-9]{12}@[a-z0-9]{8}-(?:[a-z0-9]{4}-){3}[a-z0-9]{12}/IncomingWebhook/[a-z0-9]{32}/[a-z0-9]{8}-(?:[a-z0-9]{4}-){3}[a-z0-9]{12}",
    ),
    (
        "netlify-access-token",
        ("netlify",),
        r"""(?i)(?:netlify)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9=_\-]{40,46})(?![A-Za-z0-9])""",
    ),
    (
        "new-relic-browser-api-token",
        ("nrjs-",),
        r"""(?i)(?:new-relic|newrelic|new_relic)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(NRJS-[a-f0-9]{19})(?![A-Za-z0-9])""",
    ),
    (
        "new-relic-insert-key",
        ("nrii-",),
        r"""(?i)(?:new-relic|newrelic|new_relic)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(NRII-[a-z0-9-]{32})(?![A-Za-z0-9])""",
    ),
    (
        "new-relic-user-api-id",
        ("new-relic", "new_relic", "newrelic"),
        r"""(?i)(?:new-relic|newrelic|new_relic)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{64})(?![A-Za-z0-9])""",
    ),
    (
        "new-relic-user-api-key",
        ("nrak",),
        r"""(?i)(?:new-relic|newrelic|new_relic)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(NRAK-[a-z0-9]{27})(?![A-Za-z0-9])""",
    ),
    ("notion-api-token", ("ntn_",), r"\b(ntn_[0-9]{11}[A-Za-z0-9]{32}[A-Za-z0-9]{3})(?![A-Za-z0-9])"),
    ("npm-access-token", ("npm_",), r"(?i)\b(npm_[a-z0-9]{36})(?![A-Za-z0-9])"),
    (
        "nuget-config-password",
        ("<add key=",),
        r"(?i)<add key=\"(?:(?:ClearText)?Password)\"\s*value=\"(.{8,})\"\s*/>",
    ),
    (
        "nytimes-access-token",
        ("new-york-times", "newyorktimes", "nytimes"),
        r"""(?i)(?:nytimes|new-york-times,|newyorktimes)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9=_\-]{32})(?![A-Za-z0-9])""",
    ),
    ("octopus-deploy-api-key", ("api-",), r"\b(API-[A-Z0-9]{26})(?![A-Za-z0-9])"),
    (
        "okta-access-token",
        ("okta",),
        r"""(?i:(?:(?-i:[Oo]kta|OKTA))(?:[ \t\w.-]{0,20})[\s'"]{0,3})(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(00[\w=\-]{40})(?![A-Za-z0-9])""",
    ),
    (
        "openai-api-key",
        ("t3blbkfj",),
        r"\b(sk-(?:proj|svcacct|admin)-(?:[A-Za-z0-9_-]{74}|[A-Za-z0-9_-]{58})T3BlbkFJ(?:[A-Za-z0-9_-]{74}|[A-Za-z0-9_-]{58})\b|sk-[a-zA-Z0-9]{20}T3BlbkFJ[a-zA-Z0-9]{20})(?![A-Za-z0-9])",
    ),
    ("openshift-user-token", ("sha256~",), r"\b(sha256~[\w-]{43})(?:[^\w-]|\Z)"),
    ("perplexity-api-key", ("pplx-",), r"""\b(pplx-[a-zA-Z0-9]{48})(?:[\x60'"\s;]|\\[nr]|$|\b)"""),
    (
        "plaid-api-token",
        ("plaid",),
        r"""(?i)(?:plaid)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(access-(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![A-Za-z0-9])""",
    ),
    (
        "plaid-client-id",
        ("plaid",),
        r"""(?i)(?:plaid)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{24})(?![A-Za-z0-9])""",
    ),
    (
        "plaid-secret-key",
        ("plaid",),
        r"""(?i)(?:plaid)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{30})(?![A-Za-z0-9])""",
    ),
    ("planetscale-api-token", ("pscale_tkn_",), r"\b(pscale_tkn_(?i:[\w=\.-]{32,64}))(?![A-Za-z0-9])"),
    ("planetscale-oauth-token", ("pscale_oauth_",), r"\b(pscale_oauth_[\w=\.-]{32,64})(?![A-Za-z0-9])"),
    ("planetscale-password", ("pscale_pw_",), r"(?i)\b(pscale_pw_[\w=\.-]{32,64})(?![A-Za-z0-9])"),
    ("postman-api-token", ("pmak-",), r"\b(PMAK-(?i:[a-f0-9]{24}\-[a-f0-9]{34}))(?![A-Za-z0-9])"),
    ("prefect-api-token", ("pnu_",), r"\b(pnu_[a-zA-Z0-9]{36})(?![A-Za-z0-9])"),
    (
        "privateai-api-token",
        ("private-ai", "private_ai", "privateai"),
        r"""(?i:(?:private[_-]?ai)(?:[ \t\w.-]{0,20})[\s'"]{0,3})(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{32})(?![A-Za-z0-9])""",
    ),
    ("pulumi-api-token", ("pul-",), r"\b(pul-[a-f0-9]{40})(?![A-Za-z0-9])"),
    ("pypi-upload-token", ("pypi-ageichlwas5vcmc",), r"pypi-AgEIcHlwaS5vcmc[\w-]{50,1000}"),
    (
        "rapidapi-access-token",
        ("rapidapi",),
        r"""(?i)(?:rapidapi)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9_-]{50})(?![A-Za-z0-9])""",
    ),
    ("readme-api-token", ("rdme_",), r"\b(rdme_[a-z0-9]{70})(?![A-Za-z0-9])"),
    ("rubygems-api-token", ("rubygems_",), r"\b(rubygems_[a-f0-9]{48})(?![A-Za-z0-9])"),
    ("scalingo-api-token", ("tk-us-",), r"\b(tk-us-[\w-]{48})(?![A-Za-z0-9])"),
    (
        "sendbird-access-id",
        ("sendbird",),
        r"""(?i)(?:sendbird)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![A-Za-z0-9])""",
    ),
    (
        "sendbird-access-token",
        ("sendbird",),
        r"""(?i)(?:sendbird)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-f0-9]{40})(?![A-Za-z0-9])""",
    ),
    ("sendgrid-api-token", ("sg.",), r"\b(SG\.(?i:[a-z0-9=_\-\.]{66}))(?![A-Za-z0-9])"),
    ("sendinblue-api-token", ("xkeysib-",), r"\b(xkeysib-[a-f0-9]{64}\-(?i:[a-z0-9]{16}))(?![A-Za-z0-9])"),
    (
        "sentry-access-token",
        ("sentry",),
        r"""(?i)(?:sentry)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-f0-9]{64})(?![A-Za-z0-9])""",
    ),
    (
        "sentry-org-token",
        ("sntrys_eyjpyxqio",),
        r"\bsntrys_eyJpYXQiO[a-zA-Z0-9+/]{10,200}(?:LCJyZWdpb25fdXJs|InJlZ2lvbl91cmwi|cmVnaW9uX3VybCI6)[a-zA-Z0-9+/]{10,200}={0,2}_[a-zA-Z0-9+/]{43}(?:[^a-zA-Z0-9+/]|\Z)",
    ),
    ("sentry-user-token", ("sntryu_",), r"\b(sntryu_[a-f0-9]{64})(?![A-Za-z0-9])"),
    ("settlemint-application-access-token", ("sm_aat",), r"\b(sm_aat_[a-zA-Z0-9]{16})(?![A-Za-z0-9])"),
    ("settlemint-personal-access-token", ("sm_pat",), r"\b(sm_pat_[a-zA-Z0-9]{16})(?![A-Za-z0-9])"),
    ("settlemint-service-access-token", ("sm_sat",), r"\b(sm_sat_[a-zA-Z0-9]{16})(?![A-Za-z0-9])"),
    ("shippo-api-token", ("shippo_",), r"\b(shippo_(?:live|test)_[a-fA-F0-9]{40})(?![A-Za-z0-9])"),
    ("shopify-access-token", ("shpat_",), r"shpat_[a-fA-F0-9]{32}"),
    ("shopify-custom-access-token", ("shpca_",), r"shpca_[a-fA-F0-9]{32}"),
    ("shopify-private-app-access-token", ("shppa_",), r"shppa_[a-fA-F0-9]{32}"),
    ("shopify-shared-secret", ("shpss_",), r"shpss_[a-fA-F0-9]{32}"),
    (
        "sidekiq-secret",
        ("bundle_enterprise__contribsys__com", "bundle_gems__contribsys__com"),
        r"""(?i)(?:BUNDLE_ENTERPRISE__CONTRIBSYS__COM|BUNDLE_GEMS__CONTRIBSYS__COM)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-f0-9]{8}:[a-f0-9]{8})(?![A-Za-z0-9])""",
    ),
    (
        "sidekiq-sensitive-url",
        ("enterprise.contribsys.com", "gems.contribsys.com"),
        r"(?i)\bhttps?://([a-f0-9]{8}:[a-f0-9]{8})@(?:gems.contribsys.com|enterprise.contribsys.com)(?:[\/|\#|\?|:]|$)",
    ),
    ("slack-app-token", ("xapp",), r"(?i)xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]+"),
    ("slack-bot-token", ("xoxb",), r"xoxb-[0-9]{10,13}-[0-9]{10,13}[a-zA-Z0-9-]*"),
    ("slack-config-access-token", ("xoxe.xoxb-", "xoxe.xoxp-"), r"(?i)xoxe.xox[bp]-\d-[A-Z0-9]{163,166}"),
    ("slack-config-refresh-token", ("xoxe-",), r"(?i)xoxe-\d-[A-Z0-9]{146}"),
    ("slack-legacy-bot-token", ("xoxb",), r"xoxb-[0-9]{8,14}-[a-zA-Z0-9]{18,26}"),
    ("slack-legacy-token", ("xoxo", "xoxs"), r"xox[os]-\d+-\d+-\d+-[a-fA-F\d]+"),
    ("slack-legacy-workspace-token", ("xoxa", "xoxr"), r"xox[ar]-(?:\d-)?[0-9a-zA-Z]{8,48}"),
    ("slack-user-token", ("xoxe-", "xoxp-"), r"xox[pe](?:-[0-9]{10,13}){3}-[a-zA-Z0-9-]{28,34}"),
    (
        "slack-webhook-url",
        ("hooks.slack.com",),
        r"(?:https?://)?hooks.slack.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{43,56}",
    ),
    (
        "snyk-api-token",
        ("snyk",),
        r"""(?i)(?:snyk[_.-]?(?:(?:api|oauth)[_.-]?)?(?:key|token))(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![A-Za-z0-9])""",
    ),
    (
        "sonar-api-token",
        ("sonar",),
        r"""(?i)(?:sonar[_.-]?(?:login|token))(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}((?:squ_|sqp_|sqa_)?[a-z0-9=_\-]{40})(?![A-Za-z0-9])""",
    ),
    (
        "sourcegraph-access-token",
        ("sgp_", "sourcegraph"),
        r"(?i)\b(\b(sgp_(?:[a-fA-F0-9]{16}|local)_[a-fA-F0-9]{40}|sgp_[a-fA-F0-9]{40}|[a-fA-F0-9]{40})\b)(?![A-Za-z0-9])",
    ),
    ("square-access-token", ("eaaa", "sq0atp-"), r"\b((?:EAAA|sq0atp-)[\w-]{22,60})(?![A-Za-z0-9])"),
    (
        "squarespace-access-token",
        ("squarespace",),
        r"""(?i)(?:squarespace)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![A-Za-z0-9])""",
    ),
    (
        "stripe-access-token",
        ("rk_live", "rk_prod", "rk_test", "sk_live", "sk_prod", "sk_test"),
        r"\b((?:sk|rk)_(?:test|live|prod)_[a-zA-Z0-9]{10,99})(?![A-Za-z0-9])",
    ),
    (
        "sumologic-access-id",
        ("sumo",),
        r"""(?i:(?:(?-i:[Ss]umo|SUMO))(?:[ \t\w.-]{0,20})[\s'"]{0,3})(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(su[a-zA-Z0-9]{12})(?![A-Za-z0-9])""",
    ),
    (
        "sumologic-access-token",
        ("sumo",),
        r"""(?i)(?:(?-i:[Ss]umo|SUMO))(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{64})(?![A-Za-z0-9])""",
    ),
    (
        "telegram-bot-api-token",
        ("telegr",),
        r"""(?i)(?:telegr)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([0-9]{5,16}:(?-i:A)[a-z0-9_\-]{34})(?![A-Za-z0-9])""",
    ),
    (
        "travisci-access-token",
        ("travis",),
        r"""(?i)(?:travis)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{22})(?![A-Za-z0-9])""",
    ),
    ("twilio-api-key", ("sk",), r"SK[0-9a-fA-F]{32}"),
    (
        "twitch-api-token",
        ("twitch",),
        r"""(?i)(?:twitch)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{30})(?![A-Za-z0-9])""",
    ),
    (
        "twitter-access-secret",
        ("twitter",),
        r"""(?i)(?:twitter)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{45})(?![A-Za-z0-9])""",
    ),
    (
        "twitter-access-token",
        ("twitter",),
        r"""(?i)(?:twitter)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([0-9]{15,25}-[a-zA-Z0-9]{20,40})(?![A-Za-z0-9])""",
    ),
    (
        "twitter-api-key",
        ("twitter",),
        r"""(?i)(?:twitter)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{25})(?![A-Za-z0-9])""",
    ),
    (
        "twitter-api-secret",
        ("twitter",),
        r"""(?i)(?:twitter)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{50})(?![A-Za-z0-9])""",
    ),
    (
        "twitter-bearer-token",
        ("twitter",),
        r"""(?i)(?:twitter)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(A{22}[a-zA-Z0-9%]{80,100})(?![A-Za-z0-9])""",
    ),
    (
        "typeform-api-token",
        ("tfp_",),
        r"""(?i)(?:typeform)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(tfp_[a-z0-9\-_\.=]{59})(?![A-Za-z0-9])""",
    ),
    ("vault-batch-token", ("hvb.",), r"\b(hvb\.[\w-]{138,300})(?![A-Za-z0-9])"),
    (
        "vault-service-token",
        ("hvs.", "s."),
        r"\b((?:hvs\.[\w-]{90,120}|s\.(?i:[a-z0-9]{24})))(?![A-Za-z0-9])",
    ),
    (
        "yandex-access-token",
        ("yandex",),
        r"""(?i)(?:yandex)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(t1\.[A-Z0-9a-z_-]+[=]{0,2}\.[A-Z0-9a-z_-]{86}[=]{0,2})(?![A-Za-z0-9])""",
    ),
    (
        "yandex-api-key",
        ("yandex",),
        r"""(?i)(?:yandex)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(AQVN[A-Za-z0-9_\-]{35,38})(?![A-Za-z0-9])""",
    ),
    (
        "yandex-aws-access-token",
        ("yandex",),
        r"""(?i)(?:yandex)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}(YC[a-zA-Z0-9_\-]{38})(?![A-Za-z0-9])""",
    ),
    (
        "zendesk-secret-key",
        ("zendesk",),
        r"""(?i)(?:zendesk)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:(?=[\s'"\x60])|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{40})(?![A-Za-z0-9])""",
    ),
)
