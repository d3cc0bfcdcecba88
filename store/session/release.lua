-- Gives a claim back unused, if the worker still holds it.
-- KEYS: the call, the claim. ARGV: the worker's token.
if redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('DEL', KEYS[2])
end
return 1
