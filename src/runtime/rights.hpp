// Rights: what an actor may do, and where. A grant gives permissions on the servers and the tools
// that fit its patterns (`*` any text, `?` one character); rights are the sum of grants. Immutable
// and shared by every copy of an actor: checked on each request, without I/O.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/describe.hpp"

namespace telltale::runtime {

struct Grant {
  std::vector<std::string> permissions;
  std::vector<std::string> servers{"*"};
  std::vector<std::string> tools{"*"};
};
BOOST_DESCRIBE_STRUCT(Grant, (), (permissions, servers, tools))
constexpr auto field_rules(const Grant*) {
  return std::array{base::FieldRule{.name = "permissions", .maximum = 100},
                    base::FieldRule{.name = "servers", .maximum = 200, .has_default = true},
                    base::FieldRule{.name = "tools", .maximum = 200, .has_default = true}};
}

bool matches_pattern(std::string_view pattern, std::string_view text);

class Rights {
 public:
  Rights() = default;
  explicit Rights(std::vector<Grant> grants);
  static Rights of(std::vector<std::string> permissions);  // everywhere

  // Somewhere: on one server at least. For an operation that is about no server.
  bool may(std::string_view permission) const;
  bool may(std::string_view permission, std::string_view server) const;
  bool may(std::string_view permission, std::string_view server, std::string_view tool) const;
  // On every server and tool there is or will be.
  bool everywhere(std::string_view permission) const;
  // Whoever has these has at least `other`: nobody hands out more than that. Careful, not clever:
  // a pattern is covered by the same pattern or by `*`.
  bool cover(const Rights& other) const;
  // These rights, but only with the permissions named.
  Rights limited_to(const std::vector<std::string>& permissions) const;

  std::vector<std::string> permissions() const;  // each once, in the order of the grants
  const std::vector<Grant>& grants() const noexcept { return grants_; }

 private:
  std::vector<Grant> grants_;
};
using RightsPtr = std::shared_ptr<const Rights>;

}  // namespace telltale::runtime
