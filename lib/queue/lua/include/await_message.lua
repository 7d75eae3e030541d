--[[ Notes at another member than home that a consumer is idle: a message that comes alone is leased to it here, too.
  Request  "nn I" inbox ' ' id ' ' lease (ms)      Answer  this member's time (ms)   Cost O(log consumers) ]]
--- @include "listen"
--- @include "member_time"
--- @include "whole"
local function await_message(request, q)
  local now = member_time()
  listen(q, now, string.sub(request, 5), true)
  return whole(now)
end
