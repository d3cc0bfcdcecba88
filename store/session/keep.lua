-- Stores a call after a turn and frees its claim, if the worker still holds it: one that overslept its
-- lease must not overwrite what another has stored since.
-- KEYS: the call, the claim. ARGV: the worker's token, the call, its time to live in milliseconds.
-- The same call may be stored again: the client repeats a request whose answer was lost.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return redis.call('GET', KEYS[1]) == ARGV[2] and 1 or 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1
