"""Cache-aside: ask the cache, else the database, and remember the answer.

What it guarantees:

    No look-up that begins after a write was acknowledged is answered with what was there
    before that write, in whatever process either runs.

It is kept by a claim and three rules. A claim is the right to fill one key once: one look-up
has it at a time, for three seconds at most, and a fill is taken only while its claim holds. A
write makes all claims on its key void, once the row is written and before the write is
acknowledged. Another process that finds a key claimed waits half a second for the copy; then it
answers from the database and stores nothing. One look-up, and a write beside it:

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
  (by the epochs of `coalescer`, which count in one process), or if the fill was taken: then no
  write was acknowledged between its claim and its fill. Otherwise the look-up begins again.
- Rule C: a flight under way when the row is written may have read it before that. So nobody
  joins it any more.

None of them follows from the others. A and B are for writes of other processes, which cannot
reach the flights of this one. C is for a write of our own whose invalidation the cache did not
take: then the claim still holds, the fill is taken, and B would trust it.

A cache that fails (`guarded_cache`): what could not be invalidated is pending. Its key is read
past the cache (BYPASS), and pending invalidations are sent before any other read; they are kept
in memory. After failures in a row a breaker leaves the cache alone for a while; look-ups go to
the database and fill nothing. When the database fails too, a copy within its grace is given
(STALE): never one that an invalidation has reached.

What remains are two windows: a process that ends between its commit and its invalidation, and
other processes while an invalidation of this one is pending. Both are over with the copy,
within ttl and grace of its fill, which comes at most three seconds after the commit.

To be read in this order: `coalescer`, `cache_aside`, `loader`, `writer`, `guarded_cache`.
"""
