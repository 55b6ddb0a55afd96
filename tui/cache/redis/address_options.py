"""What may stand behind the `?` of a cache's URL, as the drivers of all languages spell it."""

import re
from typing import Final

from tui.runtime.option_names import LOGINS, plain_name

DATABASE_OPTIONS: Final = frozenset({"db", "database", "defaultdatabase", "virtualhost"})
"""What may follow the `?` to choose the database: redis-py, lettuce, .NET, Celery."""
TLS_OPTIONS: Final = (
    "ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname",
)  # fmt: skip
"""What may follow it to say how TLS is to be checked; without TLS it means nothing."""
CERT_REQS: Final = frozenset({"none", "optional", "required"})
"""How strictly the certificate is checked, as redis-py names it."""
OTHER_TLS_OPTIONS: Final = frozenset({"skipverify", "insecureskipverify", "verifypeer"})
"""How other drivers say the same, in ways that would turn the check off unnoticed here."""
SWITCHES: Final = frozenset({"ssl", "tls", "usetls", "usessl"})
"""What switches TLS on elsewhere; here the scheme does."""
PREFIXES: Final = frozenset({"keyprefix", "globalkeyprefix", "prefix", "namespace"})
"""What other drivers put before each key."""
FORMATS: Final = frozenset(
    {"serializer", "serialization", "serialisation", "compressor", "compression"}
)
"""What they store copies by; where that is JSON, or nothing, it changes nothing."""
_OTHERS: Final = (
    "family protocol sockettimeout socketconnecttimeout socketreadsize socketkeepalive"
    " socketkeepaliveoptions sockettype retryontimeout retryonerror maxconnections"
    " healthcheckinterval clientname libname libversion driverinfo decoderesponses encoding"
    " encodingerrors timeout singleconnectionclient legacyresponses clientclass parserclass"
    " connectionclass connectionpoolclass connectionfactory pickleversion"
    " ignoreexceptions visibilitytimeout fanoutprefix fanoutpatterns"
    " expiresin connecttimeout commandtimeout"
    " keepalive nodelay connectionname maxretriesperrequest enablereadycheck"
    " enableofflinequeue lazyconnect autoresubscribe autoresendunfulfilledcommands"
    " enableautopipelining stringnumbers showfriendlyerrorstack readonly dialtimeout"
    " readtimeout writetimeout readwritetimeout poolsize pooltimeout poolfifo minidleconns"
    " maxidleconns maxactiveconns connmaxidletime connmaxlifetime idletimeout"
    " idlecheckfrequency maxconnage maxretries minretrybackoff maxretrybackoff"
    " reconnectattempts reconnectdelay retryinterval persistent persistentid lazy"
    " tcpkeepalive abortconnect abortonconnectfail allowadmin channelprefix connectretry"
    " configcheckseconds resolvedns synctimeout asynctimeout responsetimeout tiebreaker"
    " writebuffer name driver libraryname libraryversion retry retries retrycount"
    " retrydelay pool minpoolsize maxpoolsize maxidle minidle blocking backoff tcpnodelay"
    " blockingtimeout blockingtimeoutgrace clientinfotag disableclientinfo commandqueue"
    " autopipeliningignoredcommands disconnecttimeout readfromreplicas requirefullcoverage"
    " dynamicstartupnodes reinitializesteps clustererrorretryattempts loadbalancingstrategy"
    " maintnotificationsconfig cacheconfig queueclass identitysuffix disableidentity"
    " disableindentity unstableresp3 readbuffersize writebuffersize contexttimeoutenabled"
    " dialerretries dialerretrytimeout connmaxlifetimejitter maxconcurrentdials"
    " queueorderstrategy pollinginterval unackedrestorelimit prioritysteps"
)
PASSED_OVER: Final = frozenset(_OTHERS.split())
"""Options of other drivers that change nothing of what is read, without `_` and `-`."""


def cert_reqs(value: str) -> str:
    """Return how strictly the certificate is checked, whatever it is called elsewhere.

    Celery and Django have Python's names, `CERT_NONE` or `ssl.CERT_NONE`, and no driver looks
    at the case.
    """
    return value.lower().removeprefix("ssl.").removeprefix("cert_")


def wrong_with_option(name: str, value: str, *, has_tls: bool) -> str | None:
    """Return what is wrong with an option; None where it counts here, or changes nothing."""
    name = plain_name(name)
    if name in DATABASE_OPTIONS:
        return None if re.fullmatch("[0-9]{1,9}", value, re.ASCII) else "db must be a number"
    if name in PREFIXES | FORMATS | LOGINS:
        return _wrong_with_meaning(name, value)
    if name in SWITCHES or name.startswith("ssl") or name in OTHER_TLS_OPTIONS:
        return _wrong_with_tls(name, value, has_tls=has_tls)
    return None if name in PASSED_OVER else _unknown(has_tls=has_tls)


def _wrong_with_meaning(name: str, value: str) -> str | None:
    """Return what to do in place of an option that says what is read; no value is echoed."""
    if name in LOGINS:
        return "user and password stand before the host: redis://USER:PASSWORD@HOST"
    if name in PREFIXES:
        said = (
            "a prefix of keys is part of the template: leave it out, and give --key PREFIX{id}"
        )
        return said if value else None
    if not value or value.lower() == "none" or "json" in value.lower():
        return None
    return "copies are read as JSON or hashes, whatever stored them: leave that option out"


def _wrong_with_tls(name: str, value: str, *, has_tls: bool) -> str | None:
    if name in SWITCHES:
        off = value.lower() in {"0", "false", "no", "off", "none"}
        said = "for TLS write rediss:// in place of redis://, and leave ssl out"
        return None if off or has_tls else said
    if not has_tls:
        return None
    if name == "sslcertreqs" and cert_reqs(value) not in CERT_REQS:
        return "ssl_cert_reqs is none, optional or required"
    if name == "sslcapath":
        return "name one file with the certificates, ssl_ca_certs=FILE, in place of ssl_ca_path"
    known = name in map(plain_name, TLS_OPTIONS)
    return None if known else _unknown(has_tls=has_tls)


def _unknown(*, has_tls: bool) -> str:
    # Not echoed: behind a stray `?` may stand a piece of the password.
    known = ("db", *TLS_OPTIONS) if has_tls else ("db",)
    return f"unknown option after the '?' (what counts: {', '.join(known)})"
