--[[ Writes tombstones that others know of, whoever leased the messages here: what is done is done.
  Request  "nn E" then per message: id ' '      Answer  one letter A per message   Cost O(log messages) each ]]
--- @include "finish"
--- @include "wake"
local function spread(request, q)
  local letters, entered = {}, 0
  for id in string.gmatch(string.sub(request, 5), '%S+') do
    entered = entered + finish(q, id)
    letters[#letters + 1] = 'A'
  end
  wake(q, entered)
  return table.concat(letters)
end
