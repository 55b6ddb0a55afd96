"""What a server does for us in one go, without anybody else's commands in between."""

import hashlib

from tui.cache.redis.exchange import Command


class LuaScript:
    """A program in Lua; a server that has seen it once knows it by its digest."""

    def __init__(self, text: str) -> None:
        """Take the program; its digest is worked out once."""
        self._text = text
        self._digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def by_digest(self, *keys_and_arguments: str | bytes | int) -> Command:
        """Give the command that runs it on a server that knows it; first their number."""
        return ("EVALSHA", self._digest, *keys_and_arguments)

    def in_full(self, *keys_and_arguments: str | bytes | int) -> Command:
        """Give the command that runs it anywhere."""
        return ("EVAL", self._text, *keys_and_arguments)


GET_OR_LEASE = LuaScript("""\
local copy, left = redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])
if copy and (left < 0 or left > tonumber(ARGV[3]) or copy == ARGV[4]) then
  return {copy, left}
end
return {copy, left, redis.pcall('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2])}
""")
"""Give a copy and its time to live; where nothing fresh is there, ask for the lease as well.

KEYS: value, lease; ARGV: token, the lease's milliseconds, grace in milliseconds, and what has
no grace. What SET said comes third, if it ran, be it that nothing may be written here. A copy
that would never expire is for the caller to judge: no lease is asked for.
"""

FILL = LuaScript("""\
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1
""")
"""Store a value only while the lease is ours, and end the lease.

KEYS: value, lease; ARGV: token, payload, milliseconds.
"""

FILL_AS_EXPECTED = LuaScript("""\
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
local found = redis.pcall('GET', KEYS[1])
if found and found ~= ARGV[4] then return 0 end
if ARGV[4] and not found then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
""")
"""As FILL, where others may store too: only if the key still holds what was found there.

ARGV[4]: what was found; left out where nothing was. What is no string counts as changed.
"""

RELEASE = LuaScript("""\
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
""")
"""End a lease, if it is ours. KEYS: lease; ARGV: token."""
