--[[ How often a message was redriven, by the attempt in its state, see read_state.
  redrives_of(attempt) returns number ]]
local function redrives_of(attempt)
  return math.floor(attempt / 1000000)
end
