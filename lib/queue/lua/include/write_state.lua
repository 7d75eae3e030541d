--[[ Text of a state, see read_state; the token to its last digit.
  write_state(token, attempt, kind, holder, group, reason | nil | '') returns string ]]
local function write_state(token, attempt, kind, holder, group, reason)
  local text = string.format('%.0f %.0f %s %s %s', token, attempt, kind, holder, group)
  return reason and reason ~= '' and text .. '\n' .. reason or text
end
