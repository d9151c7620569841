// The logs of all servers one may see, in the order of time.
#include <algorithm>
#include <array>
#include <charconv>

#include "fleet/operations.hpp"
#include "runtime/run.hpp"
#include "store/log_search.hpp"

namespace telltale::fleet {

struct SearchLogs {
  std::string server, level, q, before, after, around;
  int limit = 200;
};
BOOST_DESCRIBE_STRUCT(SearchLogs, (), (server, level, q, before, after, around, limit))
constexpr auto field_rules(const SearchLogs*) {
  using base::FieldRule;
  return std::array{
      FieldRule{.name = "server", .help = "names, by commas", .has_default = true},
      FieldRule{.name = "level", .help = "levels, by commas", .has_default = true},
      FieldRule{.name = "q", .help = "text in the message", .maximum = 500, .has_default = true},
      FieldRule{.name = "before", .help = "a cursor: older ones", .has_default = true},
      FieldRule{.name = "after", .help = "a cursor: newer ones", .has_default = true},
      FieldRule{
          .name = "around", .help = "SERVER:LOG_SEQ, the line in the middle", .has_default = true},
      FieldRule{.name = "limit", .minimum = 1, .maximum = 5000, .has_default = true}};
}

namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

constexpr std::array<std::string_view, 5> kLevels{"debug", "info", "notice", "warning", "error"};

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    if (end > 0) out.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return out;
}

// Who sees all servers sees also the lines of those that are gone.
std::optional<std::vector<std::string>> servers_of(const Registry& fleet,
                                                   const runtime::Actor& actor,
                                                   std::vector<std::string> asked) {
  if (actor.sees_all()) return asked.empty() ? std::nullopt : std::optional(std::move(asked));
  std::vector<std::string> out;
  for (const auto& [name, server] : *fleet.servers())
    if (actor.sees(name) && (asked.empty() || std::ranges::find(asked, name) != asked.end()))
      out.push_back(name);
  return out;
}

struct Around {
  std::string server;
  std::int64_t log_seq = 0;
};
std::optional<Around> around_of(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  Around out{.server = std::string(text.substr(0, colon))};
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, out.log_seq);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return out;
}

base::Result<store::FoundLogs> read_around(store::Connection& db, store::LogSearch query,
                                           const Around& around) {
  auto place = store::find_log(db, around.server, around.log_seq);
  if (!place) return std::unexpected(place.error());
  query.limit = std::max<std::size_t>(query.limit / 2, 1);
  query.before = store::LogPlace{place->time_ms, place->row + 1};  // with the line itself
  auto out = search_logs(db, query);
  if (!out) return out;
  query.before.reset();
  query.after = *place;
  auto newer = search_logs(db, query);
  if (!newer) return newer;
  std::ranges::move(newer->lines, std::back_inserter(out->lines));
  if (newer->last) out->last = newer->last;
  return out;
}

base::Result<store::LogSearch> query_of(const SearchLogs& input) {
  store::LogSearch out{.levels = split(input.level),
                       .text = input.q,
                       .limit = static_cast<std::size_t>(input.limit)};
  for (const auto& level : out.levels)
    if (std::ranges::find(kLevels, level) == kLevels.end())
      return base::bad_field("/level", "must be of debug, info, notice, warning and error");
  if (!input.before.empty()) {
    out.before = store::place_of(input.before);
    if (!out.before) return base::bad_field("/before", "is not one of ours");
  }
  if (!input.after.empty()) {
    out.after = store::place_of(input.after);
    if (!out.after) return base::bad_field("/after", "is not one of ours");
  }
  if (out.before && out.after) return base::bad_field("/after", "and before: one of them");
  return out;
}

TaskResult<JsonObject> search(Registry* fleet, store::Store* store, ContextPtr context,
                              SearchLogs input) {
  auto query = query_of(input);
  if (!query) co_return std::unexpected(query.error());
  const auto around = around_of(input.around);
  if (!input.around.empty() && !around)
    co_return base::bad_field("/around", "must be SERVER:LOG_SEQ");
  if (around && !context->actor().sees_all() && !context->actor().sees(around->server))
    co_return base::fail(base::Code::not_found, "this line is not kept any more");
  query->servers = servers_of(*fleet, context->actor(), split(input.server));
  // Lines go to the store within a second: those that wait have to be there.
  if (!query->before)
    (void)co_await store->write("logs",
                                [](store::Connection&) -> base::Result<void> { return {}; });
  auto found = co_await store->read([query = std::move(*query), around](store::Connection& db) {
    return around ? read_around(db, query, *around) : search_logs(db, query);
  });
  if (!found) co_return std::unexpected(found.error());
  JsonArray items;
  items.reserve(found->lines.size());
  for (const auto& line : found->lines) items.push_back(log_line(line));
  const auto cursor = [](const std::optional<store::LogPlace>& place) {
    return place ? Json(store::cursor_of(*place)) : Json(nullptr);
  };
  co_return JsonObject{
      {"items", std::move(items)}, {"older", cursor(found->first)}, {"newer", cursor(found->last)}};
}

}  // namespace

void declare_log_operations(runtime::OperationRegistry& registry, Registry& fleet,
                            store::Store& store) {
  registry.add(runtime::declare<SearchLogs, JsonObject>(
      {.name = "fleet.search_logs",
       .help = "Lines of all servers' logs, newest last",
       .permission = "fleet:read",
       .routes = {{"GET", "/api/logs"}},
       .group = "Servers"},
      [all = &fleet, kept = &store](ContextPtr context, SearchLogs input) {
        return search(all, kept, std::move(context), std::move(input));
      }));
}

}  // namespace telltale::fleet
