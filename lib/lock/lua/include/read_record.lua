--[[ A lock's record on this member, as a table; all zero for a key never locked. Stored as one string, as reading and
  writing one string costs half of what a hash costs:
    "ends token holder" and, when any of it is not zero, " shared_ends shared_token line_ends turn turn_ends"
  ends  end of the exclusive lease, 13 digits    token  highest seen, 16 digits: votes.lua cuts them out by column
  shared_ends, shared_token  the same for the longest shared lease    line_ends  until when newcomers are sent to the
  line    turn, turn_ends  who goes next, and until when    All times ms on this member's clock, tokens µs.
  read_record(key) returns table, or raises an error when it is no record of ours   Cost O(1) ]]
local function read_record(key)
  local text = redis.call('GET', key)
  if not text then
    return { holder = '-', ends = 0, token = 0, shared_ends = 0, shared_token = 0, line_ends = 0, turn = '-', turn_ends = 0 }
  end
  local ends, token, holder, rest = string.match(text, '^(%d+) (%d+) (%S+)(.*)$')
  local shared_ends, shared_token, line_ends, turn, turn_ends = 0, 0, 0, '-', 0
  if not holder or #ends ~= 13 or #token ~= 16 then
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
