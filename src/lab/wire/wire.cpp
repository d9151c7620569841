#include "lab/wire/wire.hpp"

#include "lab/wire/http_wire.hpp"
#include "lab/wire/stdio_wire.hpp"

namespace telltale::lab {

std::shared_ptr<Wire> Wire::make(runtime::Loop& loop, const mcp::Target& target,
                                 WireLimits limits) {
  if (const auto* stdio = std::get_if<mcp::StdioTarget>(&target))
    return make_stdio_wire(loop, stdio->process, limits);
  return make_http_wire(loop, std::get<mcp::HttpTarget>(target), limits);
}

}  // namespace telltale::lab
