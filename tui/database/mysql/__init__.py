"""MySQL and MariaDB, over asyncmy.

- `url`, `option_files`, `tls`: where the server is, who we are there, and how it is checked.
- `session`: opens a connection, tells the server how it is used, and asks what server it is
  (`server`, `caveats`).
- `channel`: runs statements on one connection; `walk` reads a whole table on it.
- `failures`, `saying`: what the server says, in our errors.
- `schema`, with `columns`, `kinds`, `collations`: what the database says of a table.
- `dialect`: the statements, with `keys`, `selection`, `reading`, `writing`, `changes`,
  `searching`, `patterns`; `cells` makes values of what comes back, `literals` texts of values.
- `opening`: a table is opened; `asking`: questions of code that does not wait.
- `checks`: what `doctor` says; `seeding`: the demo's table on a server.
"""
