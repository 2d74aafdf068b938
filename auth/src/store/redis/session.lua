-- What every script knows of a session: its hash, the sets under which it is found, and its place in the order of ends.
--
-- A session is called by its key in hexadecimal, and so are the sets by theirs. Numbers stay the text that they came as.

local ENDS = 'scalekit:ends'
local INDEXES = { 'user', 'provider_session', 'organization' }

local function place(id)
  return 'scalekit:session:' .. id
end

local function set(index, hash)
  return 'scalekit:' .. index .. ':' .. hash
end

-- Milliseconds since 1970, by the one clock that all replicas share.
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function later(one, other)
  return tonumber(one) > tonumber(other) and one or other
end

local function earlier(one, other)
  return tonumber(one) < tonumber(other) and one or other
end

-- An empty `fence` is none.
local function is_expected(id, version, fence)
  local found = redis.call('HMGET', place(id), 'version', 'fence')
  return found[1] == version and (fence == '' or found[2] == fence)
end

-- The row as it is read: id, then the columns in their order. Only hashes may be missing.
local function columns(id)
  local row = redis.call('HMGET', place(id), 'version', 'record', 'summary', 'user', 'provider_session',
    'organization', 'last_seen', 'idle_end', 'absolute_end')
  for position, column in pairs(row) do
    assert(column or (position >= 4 and position <= 6), 'a session lacks a column')
  end
  table.insert(row, 1, id)
  return row
end

local function enter_sets(id)
  local lifetime = redis.call('TTL', place(id))
  for _, index in ipairs(INDEXES) do
    local hash = redis.call('HGET', place(id), index)
    if hash then
      redis.call('SADD', set(index, hash), id)
      -- A set outlives its sessions by nothing.
      if redis.call('TTL', set(index, hash)) < lifetime then
        redis.call('EXPIRE', set(index, hash), lifetime)
      end
    end
  end
end

local function leave_sets(id)
  for _, index in ipairs(INDEXES) do
    local hash = redis.call('HGET', place(id), index)
    if hash then
      redis.call('SREM', set(index, hash), id)
    end
  end
end

local function order_by_end(id, idle_end, absolute_end)
  redis.call('ZADD', ENDS, earlier(idle_end, absolute_end), id)
end

-- Writes the row in ARGV: id, version, record, summary, a hash for each index (empty: none).
local function write(id, last_seen, idle_end, absolute_end)
  redis.call('HSET', place(id), 'version', ARGV[2], 'record', ARGV[3], 'summary', ARGV[4],
    'last_seen', last_seen, 'idle_end', idle_end, 'absolute_end', absolute_end)
  for position, index in ipairs(INDEXES) do
    local hash = ARGV[4 + position]
    if hash == '' then
      redis.call('HDEL', place(id), index)
    else
      redis.call('HSET', place(id), index, hash)
    end
  end
  order_by_end(id, idle_end, absolute_end)
end

-- How many sessions that were: 1 or 0.
local function forget(id)
  leave_sets(id)
  redis.call('ZREM', ENDS, id)
  return redis.call('DEL', place(id))
end
