-- ARGV: id, and the expected version and fence if it matters what is deleted.
local id, version, fence = ARGV[1], ARGV[2], ARGV[3]
if version and not is_expected(id, version, fence) then
  return 0
end
return forget(id)
