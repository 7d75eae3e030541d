--[[ Whether a state (see read_state) says that the message is leased to a holder, without reading the rest.
  group_leased_to(text, holder) returns group ('' for none) | nil   Cost O(1) ]]
local function group_leased_to(text, holder)
  -- nobody else knows the holder, so nothing else looks like it
  local _, last = string.find(text or '', ' L ' .. holder .. ' ', 1, true)
  return last and string.sub(text, last + 1)
end
