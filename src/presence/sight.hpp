// Sight: what one person may see of where another is. A page has a permission, and an address may
// name servers that are not for everybody: whoever may not see one of them does not see the
// address. Immutable, any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/operation.hpp"

namespace telltale::presence {

class Sight {
 public:
  // Asked only for people who do not see every server.
  using ServerNames = std::function<std::vector<std::string>()>;
  static constexpr std::string_view kHiddenLink = "[elsewhere]";

  explicit Sight(ServerNames servers) : servers_(std::move(servers)) {}

  // A page of the dashboard, by its path and query. One that no table knows is nobody's.
  bool page(const runtime::Actor& actor, std::string_view address) const;
  // Names no server that is hidden from the actor (a chart's name, its series).
  bool text(const runtime::Actor& actor, std::string_view text) const { return names(actor, text); }
  // The same of an element's id, where a name may hang on a dash: `server-row-NAME`.
  bool anchor(const runtime::Actor& actor, std::string_view id) const {
    return names(actor, id, true);
  }
  // The links in what somebody wrote that are not for this reader become kHiddenLink.
  std::string links(const runtime::Actor& actor, std::string_view written) const;

 private:
  bool names(const runtime::Actor& actor, std::string_view text, bool dash_ends = false) const;

  ServerNames servers_;
};

}  // namespace telltale::presence
