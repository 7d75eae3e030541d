--[[ Tells which server answers for a key: on a Cluster a plain INFO goes to any of its servers.
  KEYS[1]  any key of the slot in question
  Returns  {text of INFO server, text of INFO memory}   Cost O(1) ]]
return { redis.call('INFO', 'server'), redis.call('INFO', 'memory') }
