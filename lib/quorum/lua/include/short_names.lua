--[[ What requests use most, as locals: these cost less than fields of globals. ]]
local call, sub = redis.call, string.sub
