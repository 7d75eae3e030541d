--[[ Own run_id as the calling script shall use it, and whether this member may vote: its marker must equal it.
  '*' as given run_id (Cluster members) means: ask the server itself, as the shard's master may have changed.
  is_voting(marker key, given run_id) returns boolean, run_id   (protocols/quorum.md, S03)   Cost O(1) ]]
local function is_voting(marker_key, run_id)
  if run_id == '*' then
    run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  end
  return redis.call('GET', marker_key) == run_id, run_id
end
