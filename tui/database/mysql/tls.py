"""Certificates: what is checked of the server's, and our own."""

import ssl

from tui.database.mysql.url import Tls
from tui.runtime.errors import SettingsError


def context_of(tls: Tls) -> ssl.SSLContext | None:
    """Return what a connection is encrypted with; None where it is not to be.

    Raises:
        SettingsError: a file cannot be used.
    """
    if tls.mode == "disabled":
        return None
    try:
        context = ssl.create_default_context(cafile=tls.authorities or None)
        if tls.mode != "identity":
            context.check_hostname = False
        if not tls.checks:
            context.verify_mode = ssl.CERT_NONE
        if tls.certificate:
            context.load_cert_chain(tls.certificate, tls.key or None, _no_password)
    except (OSError, ValueError) as error:
        names = ", ".join(filter(None, (tls.authorities, tls.certificate, tls.key)))
        raise SettingsError(
            f"--db: a file for TLS cannot be used ({names}): {error}"
        ) from error
    return context


def _no_password() -> str:
    """Return the password of a key: OpenSSL would ask the terminal for it."""
    return ""
