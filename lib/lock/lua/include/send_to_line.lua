--[[ Refuses a request because of some of its locks, and marks these: newcomers are sent to the line from now on.
  send_to_line(first key, indexes held, indexes with a line only, longest lease left in ms, line in ms or 0, own time,
    retention) returns {'HELD', wait ms, index...} | {'LINE', index...}   Cost O(refused) ]]
--- @include "read_record"
--- @include "write_record"
local function send_to_line(key, held, lined, wait, line, now, retention)
  if line > 0 then
    for _, refused in ipairs({ held, lined }) do
      for _, index in ipairs(refused) do
        local record = read_record(KEYS[key + index])
        record.line_ends = math.max(record.line_ends, now + line)
        write_record(KEYS[key + index], record, now, retention)
      end
    end
  end
  if #held > 0 then
    return { 'HELD', wait, unpack(held) }
  end
  return { 'LINE', unpack(lined) }
end
