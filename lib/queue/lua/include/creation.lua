--[[ When a message was created, as its id says: 16 digits, µs.
  creation(id) returns number ]]
local function creation(id)
  return tonumber(string.sub(id, 1, 16))
end
