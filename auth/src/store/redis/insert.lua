-- ARGV: the row, then the seconds after which Redis forgets it by itself.
local id = ARGV[1]
if redis.call('EXISTS', place(id)) == 1 then
  return 0
end
write(id, ARGV[8], ARGV[9], ARGV[10])
redis.call('HSET', place(id), 'fence', '0', 'lease_end', '0')
redis.call('EXPIRE', place(id), ARGV[11])
enter_sets(id)
return 1
