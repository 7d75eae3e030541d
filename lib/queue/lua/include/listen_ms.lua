--[[ ms for which a member keeps the name of an idle consumer that does not come again. ]]
local listen_ms = 60000
