-- Each request is for another path below the one that was given; the argument tells runs apart.
local before, after, count = "", "", 0

function init(arguments)
  local whole = wrk.format("GET", wrk.path .. "/" .. (arguments[1] or "0") .. "/@")
  local at = whole:find("@", 1, true)
  before, after = whole:sub(1, at - 1), whole:sub(at + 1)
end

function request()
  count = count + 1
  return before .. count .. after
end
