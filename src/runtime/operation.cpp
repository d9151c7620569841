#include "runtime/operation.hpp"

namespace telltale::runtime {

bool Actor::may(std::string_view permission) const {
  return permission == "public" || (permission == "session" && !id.empty()) ||
         (rights && rights->may(permission));
}

bool Actor::may(std::string_view permission, std::string_view server) const {
  return rights && rights->may(permission, server);
}

bool Actor::may(std::string_view permission, std::string_view server, std::string_view tool) const {
  return rights && rights->may(permission, server, tool);
}

}  // namespace telltale::runtime
