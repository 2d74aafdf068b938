-- ARGV: index, then hashes. Answers id and columns of every row.
local index = ARGV[1]
local rows, seen = {}, {}
for position = 2, #ARGV do
  local hash = ARGV[position]
  for _, id in ipairs(redis.call('SMEMBERS', set(index, hash))) do
    if redis.call('HGET', place(id), index) ~= hash then
      -- Redis forgot the session by itself.
      redis.call('SREM', set(index, hash), id)
    elseif not seen[id] then
      seen[id] = true
      table.insert(rows, columns(id))
    end
  end
end
return rows
