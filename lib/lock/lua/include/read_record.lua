--[[ A lock's record on this member, as a table; all zero for a key never locked. Stored as one string, as reading and
  writing one string costs half of what a hash costs:
    "holder ends token" and, when any of it is not zero, " shared_ends shared_token line_ends turn turn_ends"
  ends, shared_ends  end of the exclusive lease and of the longest shared one    token, shared_token  highest seen
  line_ends  until when newcomers are sent to the line    turn, turn_ends  who goes next, and until when
  All times ms on this member's clock, tokens µs.
  read_record(key) returns table, or raises an error when it is no record of ours   Cost O(1) ]]
local function read_record(key)
  local text = redis.call('GET', key)
  if not text then
    return { holder = '-', ends = 0, token = 0, shared_ends = 0, shared_token = 0, line_ends = 0, turn = '-', turn_ends = 0 }
  end
  local holder, ends, token, rest = string.match(text, '^(%S+) (%d+) (%d+)(.*)$')
  local shared_ends, shared_token, line_ends, turn, turn_ends = 0, 0, 0, '-', 0
  if not holder then
    error('unreadable lock record')
  end
  if rest ~= '' then
    shared_ends, shared_token, line_ends, turn, turn_ends = string.match(rest, '^ (%d+) (%d+) (%d+) (%S+) (%d+)$')
  end
  return {
    holder = holder, ends = tonumber(ends), token = tonumber(token),
    shared_ends = tonumber(shared_ends), shared_token = tonumber(shared_token),
    line_ends = tonumber(line_ends), turn = turn, turn_ends = tonumber(turn_ends),
  }
end
