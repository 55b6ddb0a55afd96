"""Cache-aside: ask the cache, else the database, and remember the answer.

What it guarantees:

    No look-up that begins after a write was acknowledged is answered with what was there
    before that write, in whatever process either runs.

It is kept by three rules and a claim. A fill is only taken while its claim holds, and whoever
writes makes all claims void when the row is written. One look-up, and a write beside it:

    look-up (cache_aside, loader)                 write (writer)
    ─────────────────────────────                 ──────────────
    read the copy ── fresh ──▶ HIT
      │ nothing fresh
    join the key's flight, or start one:
      claim the key                               write the row
      read the row                                forget the flight of the key      (rule C)
      let nobody join any more    (rule A)        invalidate: delete the copy,
      fill, if the claim holds                      and make every claim void
      ▼                                           ▼
    who waited takes the answer,                  acknowledged
      if it is new enough         (rule B)

- Without the claim, a look-up that has read the old row could fill it after the write has
  deleted the copy, and it would stay for a whole ttl.
- Rule A: whoever joined after the fill could be given a record that a write, made after the
  fill, has replaced. So the flight is closed to joiners before the fill is sent.
- Rule B: who has joined a flight takes its answer if the row was read after the look-up began
  (by the epochs of `coalescer`), or if the fill was taken: then no write came between its
  read and its fill. Otherwise the look-up begins again.
- Rule C: a flight under way when the row is written may have read it before that. So nobody
  joins it any more.

A cache that fails (`guarded_cache`): what could not be invalidated is pending. Its key is read
past the cache, and pending keys are sent before any other read. After failures in a row a
breaker leaves the cache alone for a while; look-ups go to the database and fill nothing.

What remains are two windows, both over within ttl and grace: a process that ends between its
commit and its invalidation, and other processes while an invalidation of this one is pending.
"""
