--[[ Names the keys of one queue, in the order in which each request brings them:
    records    hash, id to "priority group-length group" and what the client put: all that is live, dead letters too
    states     hash, id to its state (see read_state), once it was leased
    ready      sorted set by priority, then id; of each group at most one, its head
    waiting    sorted set by text "group NUL priority id": those of groups behind the head
    delayed    sorted set by due time    leased  by lease end    dead  by time of death (all ms of this member's clock)
    seen       sorted set by creation: ids of all that is live, and of what was done since the floor: one without a record
               is a tombstone
    heads      hash, group to id: the only one of its group that is ready, leased or waits for its next attempt
    facts      hash: floor, put_floor, swept (µs), done (count), keeper
    idle       sorted set: "inbox id lease" of consumers to wake, "inbox id lease -" of those only to hand a message, by the
               time until which they listen
    unknown    sorted set by creation: ids that have a state here but no record
    queues     set: names of all queues
  open_queue(first key) returns table   Cost O(1) ]]
local function open_queue(key)
  return {
    records = KEYS[key], states = KEYS[key + 1], ready = KEYS[key + 2], waiting = KEYS[key + 3],
    delayed = KEYS[key + 4], leased = KEYS[key + 5], dead = KEYS[key + 6], seen = KEYS[key + 7],
    heads = KEYS[key + 8], facts = KEYS[key + 9], idle = KEYS[key + 10], unknown = KEYS[key + 11],
    queues = KEYS[key + 12],
  }
end
