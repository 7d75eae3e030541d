--[[ A number of µs as 16 digits, as ids start: such texts compare like the numbers.
  digits(number | text) returns string ]]
local function digits(us)
  return string.format('%016.0f', us)
end
