// Whole lists: pages joined (server/utilities/pagination), bounded, cached as long as the server
// allows.
#pragma once

#include "mcp/session.hpp"

namespace telltale::mcp {

inline constexpr std::size_t kPageLimit = 1'000;
inline constexpr std::size_t kItemLimit = 100'000;

struct ListKind {
  std::string_view capability;  // without it the list is empty and nobody is asked
  std::string_view method;
  std::string_view member;
};
inline constexpr ListKind kTools{"tools", "tools/list", "tools"};
inline constexpr ListKind kResources{"resources", "resources/list", "resources"};
inline constexpr ListKind kTemplates{"resources", "resources/templates/list", "resourceTemplates"};
inline constexpr ListKind kPrompts{"prompts", "prompts/list", "prompts"};

runtime::TaskResult<base::JsonArray> list(std::shared_ptr<Session> session, ListKind kind,
                                          CallOptions options);
// And remembers their schemas.
runtime::TaskResult<base::JsonArray> list_tools(std::shared_ptr<Session> session,
                                                CallOptions options);

}  // namespace telltale::mcp
