-- Claims a turn of a call for one worker and reads what is known of the call, in one round trip.
-- KEYS: the call, the claim. ARGV: the worker's token, the lease in milliseconds.
-- Asking again with the same token is granted again: the client repeats a request whose answer was lost.
local mine = redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2])
if not mine and redis.call('GET', KEYS[2]) == ARGV[1] then
  mine = true
end
return {mine and 1 or 0, redis.call('GET', KEYS[1])}
