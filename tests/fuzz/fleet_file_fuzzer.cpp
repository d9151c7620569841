// The fleet file, as an editor may leave it: read or refused, one bad server does not lose the
// others, and no secret shows in what is shown.
#include "fleet/definition.hpp"
#include "fuzz.hpp"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = fleet::parse_fleet_file(fuzz::text_of(data, size));
  if (!file) {
    fuzz::require(!file.error().detail.empty() || !file.error().fields.empty(), "it says why");
    return 0;
  }
  for (const auto& error : file->errors)
    fuzz::require(!error.detail.empty() || !error.fields.empty(), "it says why");
  for (const auto& server : file->servers) {
    fuzz::require(!server.name.empty() && server.name.size() <= 64, "a server has a name");
    fuzz::require(server.executes() || !server.url.empty(), "a server has a command or a url");
    fuzz::require(server.target().find('?') == std::string::npos || server.executes(),
                  "a query is not shown");
    const auto shown = fleet::redacted(server.source);
    for (const auto* const key : {"env", "headers"})
      if (const auto* values = base::find_object(shown, key))
        for (const auto& item : *values)
          fuzz::require(item.value() == "••••", "a secret is not shown");
    const auto again = fleet::parse_definition(server.name, server.source, "");
    fuzz::require(again && again->fingerprint == server.fingerprint, "read again, it is the same");
  }
  return 0;
}
