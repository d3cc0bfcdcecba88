-- Counts one more under a key, if there are not too many of late.
-- KEYS: the counted. ARGV: a name for this one, the most, the window in milliseconds.
-- Gives 0, or the milliseconds until one more is allowed. Redis's own clock tells the time, so that all copies of the
-- program go by one. Asking again with the same name counts once: the client repeats a request whose answer was lost.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3])
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return 0
end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
  local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return math.max(1, first[2] + ARGV[3] - now)
end
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 0
