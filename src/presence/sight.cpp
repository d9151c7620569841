#include "presence/sight.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"

namespace telltale::presence {
namespace {

struct Page {
  std::string_view path;
  std::string_view permission;  // "" for whoever is here
};
// As in web/src/app/pages.ts; tests/binary/presence.test.mjs compares them.
constexpr std::array kPages{Page{"/servers", "fleet:read"},
                            Page{"/add", "fleet:define"},
                            Page{"/logs", "fleet:read"},
                            Page{"/operations", "operations:read"},
                            Page{"/traces", "operations:read"},
                            Page{"/webrtc", "webrtc:read"},
                            Page{"/tests", "tests:read"},
                            Page{"/benchmarks", "tests:read"},
                            Page{"/analytics", "metrics:read"},
                            Page{"/reports", "reports:read"},
                            Page{"/alerts", "alerts:read"},
                            Page{"/audit", "audit:read"},
                            Page{"/content", "content:read"},
                            Page{"/access", "users:manage"},
                            Page{"/settings", "users:manage"},
                            Page{"/system", "system:read"},
                            Page{"/setup", ""},
                            Page{"/docs", ""},
                            Page{"/account", ""}};

bool within(std::string_view path, std::string_view page) {
  return path == page || (path.starts_with(page) && path[page.size()] == '/');
}

// As names of servers and tools are written; a dot ends a sentence as well as it joins.
constexpr bool part_of_name(char c, bool dash_ends) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (c == '-' && !dash_ends);
}

bool mentions(std::string_view text, std::string_view name, bool dash_ends) {
  for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const auto end = at + name.size();
    if ((at == 0 || !part_of_name(text[at - 1], dash_ends)) &&
        (end == text.size() || !part_of_name(text[end], dash_ends)))
      return true;
  }
  return false;
}

// Where in a word an address of ours begins: /servers/x, https://host/servers/x, (/servers/x).
std::size_t address_in(std::string_view word) {
  const auto scheme = word.find("://");
  const auto at = word.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
  return at != std::string_view::npos && at + 1 < word.size() ? at : std::string_view::npos;
}

}  // namespace

bool Sight::names(const runtime::Actor& actor, std::string_view text, bool dash_ends) const {
  if (actor.sees_all()) return true;
  const auto plain = base::percent_decode(text, true);
  return std::ranges::none_of(servers_(), [&](const std::string& name) {
    return !actor.sees(name) &&
           (mentions(text, name, dash_ends) || (plain && mentions(*plain, name, dash_ends)));
  });
}

bool Sight::page(const runtime::Actor& actor, std::string_view address) const {
  const auto path = address.substr(0, address.find_first_of("?#"));
  if (path != "/") {
    const auto found =
        std::ranges::find_if(kPages, [&](const Page& page) { return within(path, page.path); });
    if (found == kPages.end()) return false;
    if (!found->permission.empty() && !actor.may(found->permission)) return false;
  }
  if (actor.sees_all()) return true;
  // Also one that does not exist, or not yet: that it does not is not for him to know.
  constexpr std::string_view kServer = "/servers/";
  if (path.starts_with(kServer)) {
    auto name = path.substr(kServer.size());
    const auto decoded = base::percent_decode(name.substr(0, name.find('/')));
    if (!decoded || !actor.sees(*decoded)) return false;
  }
  return names(actor, address);
}

std::string Sight::links(const runtime::Actor& actor, std::string_view written) const {
  constexpr std::string_view kSpace = " \t\n";
  constexpr std::string_view kClosing = ".,;:!?)]}'\"";
  std::string out;
  while (!written.empty()) {
    const auto word = written.substr(0, written.find_first_of(kSpace));
    const auto gap = written.substr(word.size());
    const auto next = std::min(gap.find_first_not_of(kSpace), gap.size());
    const auto at = address_in(word);
    const auto last = word.find_last_not_of(kClosing);
    // A slash between words (and/or) is no address: where it leads to no page, nothing is hidden.
    const bool link = at != std::string_view::npos && last != std::string_view::npos && last > at;
    const auto address = link ? word.substr(at, last + 1 - at) : std::string_view();
    const bool hidden =
        link && !page(actor, address) &&
        (!names(actor, address) || std::ranges::any_of(kPages, [&](const Page& page) {
          return within(address.substr(0, address.find_first_of("?#")), page.path);
        }));
    out.append(hidden ? kHiddenLink : word);
    out.append(gap.substr(0, next));
    written = gap.substr(next);
  }
  return out;
}

}  // namespace telltale::presence
