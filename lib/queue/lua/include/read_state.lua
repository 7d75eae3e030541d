--[[ The state of a message that was leased once, as text "token attempt kind holder group[\n reason]".
  kind: L leased (by its end in `leased`, and after that until somebody else leases it), N neither, X dead letter
  read_state(text) returns token, attempt (numbers), kind, holder, group, reason | 0, 0, nil when there is none ]]
local function read_state(text)
  if not text then
    return 0, 0, nil
  end
  local token, attempt, kind, holder, group, reason = string.match(text, '^(%d+) (%d+) (%a) (%S+) ([^\n]*)\n?(.*)$')
  return tonumber(token), tonumber(attempt), kind, holder, group, reason
end
