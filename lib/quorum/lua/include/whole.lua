--[[ A whole number as decimal text: tostring and .. lose digits above 1e14.
  whole(number) returns string ]]
local function whole(number)
  return string.format('%.0f', number)
end
