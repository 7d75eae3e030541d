--[[ What members themselves need of a record "priority group-length group...".
  read_header(record) returns priority (number), group ]]
local function read_header(record)
  if string.sub(record, 1, 4) == '0 0 ' then
    return 0, ''
  end
  local priority, size, start = string.match(record, '^(%-?%d+) (%d+) ()')
  return tonumber(priority), string.sub(record, start, start + size - 1)
end
