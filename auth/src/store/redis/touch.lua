-- ARGV: id, last_seen, idle_end.
local id = ARGV[1]
if redis.call('EXISTS', place(id)) == 0 then
  return 0
end
local present = redis.call('HMGET', place(id), 'last_seen', 'idle_end', 'absolute_end')
local idle_end = later(present[2], ARGV[3])
redis.call('HSET', place(id), 'last_seen', later(present[1], ARGV[2]), 'idle_end', idle_end)
order_by_end(id, idle_end, present[3])
return 1
