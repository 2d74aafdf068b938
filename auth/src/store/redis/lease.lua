-- ARGV: id, version, milliseconds, the fence of an abandoned lease to take over (empty: none). The answer's second half
-- is a fence.
local id = ARGV[1]
if redis.call('EXISTS', place(id)) == 0 then
  return { 'gone', 0 }
end
if not is_expected(id, ARGV[2], '') then
  return { 'changed', 0 }
end
local lease = redis.call('HMGET', place(id), 'lease_end', 'fence')
local start, lease_end, fence = now(), tonumber(lease[1]), lease[2]
if start < lease_end then
  return { 'held', 0 }
end
if lease_end ~= 0 and fence ~= ARGV[4] then
  return { 'abandoned', tonumber(fence) }
end
redis.call('HSET', place(id), 'lease_end', start + tonumber(ARGV[3]))
return { 'yes', redis.call('HINCRBY', place(id), 'fence', 1) }
