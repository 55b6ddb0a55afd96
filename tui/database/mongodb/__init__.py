"""Collections of MongoDB, as tables.

`store` is what the registry is given, and imports no driver. `url` and `client` lead to the
server, `topology` and `exchange` ask it in bounded time, `failures` says what went wrong.
`sample`, `validator`, `described`, `indexes`, `key_types` and `schema` find out what a
collection holds. `values` and `moments` make texts of BSON, `written` makes BSON of texts,
`keys` does both for keys, `documents` makes records. `table` is the adapter, over `reads`,
`changes` and `search`; `exact` is why no change of somebody else is lost.
"""
