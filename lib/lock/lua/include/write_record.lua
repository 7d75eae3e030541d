--[[ Stores a lock's record (see read_record). It expires by itself: retention after its last lease.
  write_record(key, record, own time in ms, retention in ms)   Cost O(1) ]]
local function write_record(key, record, now, retention)
  local text = string.format('%013.0f %016.0f %s', record.ends, record.token, record.holder)
  if record.shared_token > 0 or record.line_ends > now or record.turn_ends > now then
    text = string.format('%s %.0f %.0f %.0f %s %.0f', text, record.shared_ends, record.shared_token, record.line_ends,
      record.turn, record.turn_ends)
  end
  local lasts = math.max(record.ends, record.shared_ends, now) - now + retention
  redis.call('SET', key, text, 'PX', string.format('%.0f', lasts))
end
