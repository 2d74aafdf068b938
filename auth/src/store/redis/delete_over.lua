-- ARGV: now, and how many at most. Answers how many it found, and how many of these still were sessions.
local over = redis.call('ZRANGEBYSCORE', ENDS, '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
local count = 0
for _, id in ipairs(over) do
  count = count + forget(id)
end
return { #over, count }
