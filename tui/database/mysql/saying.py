"""What to do where a server lets nobody in, or fails: by the number of its error."""

from typing import Final

CONNECTING: Final = {
    1040: "close some connections, or raise max_connections",
    1044: "this user may not use that database: name another, or GRANT the right",
    1045: "user or password is wrong: name them in the URL, in ~/.my.cnf or in MYSQL_PWD",
    1047: "the node of the cluster is not ready: try again, or name another node",
    1049: "name another database in the URL",
    1053: "it is shutting down: try again in a moment",
    1129: "on the server run: mysqladmin flush-hosts",
    1130: "this user may not come from this machine: name another, or CREATE USER for it",
    1193: "it is no MySQL from version 8 on, and no MariaDB from 10.6 on",
    1203: "this user has no connection left: close some, or raise max_user_connections",
    1226: "this user has used up what it may: wait, or raise its limits",
    1227: "this user may not set what hitmiss sets for its session",
    1251: "its way to log in is too old",
    1275: "its way to log in is too old",
    1698: "that user logs in by the unix socket alone: add ?unix_socket=PATH, or name another",
    1820: "the password has expired: set another with the mysql client",
    1862: "the password has expired: set another with the mysql client",
    2059: "its way to log in is not known here: ask for caching_sha2_password",
    3118: "the account is locked: name another user",
    4151: "the account is locked: name another user",
}
"""By the error's number."""
TLS: Final = (
    ("hostname mismatch|not valid for|doesn't match",
     "its certificate is for another name: use that name, or ssl-mode=VERIFY_CA"),
    ("certificate verify failed|self.signed|local issuer",
     "its certificate is not trusted here: give its authority's file as ssl_ca=FILE, or"
     " ssl-mode=NO_VERIFY to trust any"),
    ("require_secure_transport|insecure transport|secure transport",
     "it wants TLS: add ?ssl-mode=VERIFY_IDENTITY, and ssl_ca=FILE where its authority is your"
     " own"),
    ("wrong version number|eof occurred|unexpected eof",
     "it has no TLS: say ssl-mode=DISABLED where nobody can listen on the way"),
    ("", "see ssl_ca, ssl_cert, ssl_key and ssl-mode in the URL"),
)  # fmt: skip
"""By what is said where TLS fails."""
NOT_ALLOWED: Final = {
    1047: "; the node of the cluster is not ready: name another",
    1104: "; the table is too large for what max_join_size allows this user",
    1267: "; the column's collation does not go with this text",
    1356: "; the view names a table, a column or a user that is gone: see SHOW CREATE VIEW",
    1449: "; the view's definer is gone: see SHOW CREATE VIEW",
}
"""What to add where a statement fails, by the error's number."""
