/**
 * What Redis does to a Lua state before any script runs: no way to the outside, no globals of one's own, so that a
 * script leaves nothing behind for the next one.
 */
export const sandbox = `
for _, name in ipairs({ 'dofile', 'loadfile', 'print', 'io', 'os', 'require', 'package', 'module', 'debug', 'newproxy' }) do
  _G[name] = nil
end
-- of an error that redis.call raises, pcall gives the text
local plain_pcall = pcall
local function with_text(fine, failure, ...)
  if not fine and type(failure) == 'table' and type(failure.err) == 'string' then
    return false, failure.err
  end
  return fine, failure, ...
end
function pcall(...)
  return with_text(plain_pcall(...))
end
-- what differs from run to run has no place in a script
math.random, math.randomseed = nil, nil
setmetatable(_G, {
  __newindex = function(_, name)
    error("Script attempted to create global variable '" .. tostring(name) .. "'", 2)
  end,
  __index = function(_, name)
    error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2)
  end,
})
`;
