-- ARGV: id.
return redis.call('EXISTS', place(ARGV[1])) == 1 and columns(ARGV[1])
