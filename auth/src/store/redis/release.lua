-- ARGV: id, fence.
local id = ARGV[1]
if redis.call('HGET', place(id), 'fence') == ARGV[2] then
  redis.call('HSET', place(id), 'lease_end', '0')
end
return 1
