"""What databases that speak SQL over a network share.

- `query`: a statement, with what is bound to it and how it is shown; what a change came to.
- `dialect`: how one database spells what all of them are asked; each brings its own.
- `connections`: a channel is one connection, a pool keeps a few. `StatementReader` and
  `StatementWriter` run statements in bounded time, cancel what outstays it, and replace a lost
  connection once.
- `table`: `SqlTable` keeps the port's promises on those.
- `search`: finding records by a text, by an index or by a bounded scan.
- `values`: what stands in for bytes, infinities and what is too long.
- `urls`: the address of a server, and what of it may be shown.
"""
