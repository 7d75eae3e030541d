--[[ Whether this member may vote: its marker must equal the run_id of its server.
  is_voting(marker key, run_id) returns boolean   (protocols/quorum.md, S03)   Cost O(1) ]]
local function is_voting(marker_key, run_id)
  return redis.call('GET', marker_key) == run_id
end
