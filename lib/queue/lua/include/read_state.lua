--[[ The state of a message that was leased once, as text "token attempt kind holder group[\n reason]".
  attempt: how often it was leased since its last redrive, and 1000000 for each of these
  kind: L leased (by its end in `leased`, and after that until somebody else leases it), N given back, W given back for a
  later attempt (by its time in `delayed`), X dead letter; holder: who leased it last, '-' when that does not count any more
  read_state(text) returns token, attempt (numbers), kind, holder, group, reason | 0, 0, nil when there is none ]]
local function read_state(text)
  if not text or text == '' then
    return 0, 0, nil
  end
  local token, attempt, kind, holder, group, reason = string.match(text, '^(%d+) (%d+) (%a) (%S+) ([^\n]*)\n?(.*)$')
  return tonumber(token), tonumber(attempt), kind, holder, group, reason
end
