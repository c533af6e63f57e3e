-- wrk: each request of a thread posts the next assertion of a file, once round.
-- wrk -s token.lua URL -- FILE FORM THREADS
local threads = 0
local bodies, place, step = {}, 0, 1

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(args)
  for line in io.lines(args[1]) do
    bodies[#bodies + 1] = args[2] .. line
  end
  place, step = number, tonumber(args[3])
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

function request()
  local body = bodies[place]
  place = place + step
  if place > #bodies then place = number end
  return wrk.format(nil, nil, nil, body)
end
