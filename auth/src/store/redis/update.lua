-- ARGV: the row, then the expected version and fence.
local id, version, fence = ARGV[1], ARGV[11], ARGV[12]
if redis.call('EXISTS', place(id)) == 0 then
  return 'gone'
end
if not is_expected(id, version, fence) then
  return 'conflict'
end
local present = redis.call('HMGET', place(id), 'last_seen', 'idle_end', 'absolute_end')
local last_seen, idle_end = later(present[1], ARGV[8]), later(present[2], ARGV[9])
local absolute_end = earlier(present[3], ARGV[10])
-- Redis undoes nothing of a script that fails: what can fail comes before the first write.
leave_sets(id)
write(id, last_seen, idle_end, absolute_end)
enter_sets(id)
if fence ~= '' then
  redis.call('HSET', place(id), 'lease_end', '0')
end
return 'yes'
