--[[ How a message of a group stands in line behind its head: by group, priority, id.
  waiting_entry(group, priority, id) returns string ]]
local function waiting_entry(group, priority, id)
  return group .. '\0' .. string.format('%08.0f', priority + 10000000) .. id
end
