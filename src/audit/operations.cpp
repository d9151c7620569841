#include "audit/operations.hpp"

#include <charconv>

#include "audit/verify.hpp"

namespace telltale::audit {

using base::FieldRule;

struct ListEntries {
  std::string actor, action, subject, outcome, from, to, cursor;
  int limit = 100;
};
BOOST_DESCRIBE_STRUCT(ListEntries, (), (actor, action, subject, outcome, from, to, cursor, limit))
constexpr auto field_rules(const ListEntries*) {
  return std::array{
      FieldRule{.name = "actor", .has_default = true},
      FieldRule{.name = "action", .help = "an operation's name, …", .has_default = true},
      FieldRule{.name = "subject", .has_default = true},
      FieldRule{.name = "outcome", .help = "started, ok, failed or refused", .has_default = true},
      FieldRule{.name = "from", .help = "RFC 3339", .has_default = true},
      FieldRule{.name = "to", .help = "RFC 3339", .has_default = true},
      FieldRule{.name = "cursor", .has_default = true},
      FieldRule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true}};
}

struct VerifyChain {
  std::optional<std::string> head;
};
BOOST_DESCRIBE_STRUCT(VerifyChain, (), (head))
constexpr auto field_rules(const VerifyChain*) {
  return std::array{FieldRule{.name = "head", .help = "SEQ:HASH, a head noted elsewhere"}};
}

namespace {

base::Result<Query> query_of(const ListEntries& input) {
  Query out{.actor = input.actor,
            .action = input.action,
            .subject = input.subject,
            .outcome = input.outcome,
            .limit = static_cast<std::size_t>(input.limit)};
  const auto read_time = [](const std::string& text, const char* pointer,
                            std::optional<base::WallTime>& to) -> base::Result<void> {
    if (text.empty()) return {};
    auto time = base::parse_rfc3339(text);
    if (!time) return base::bad_field(pointer, "must be a time as RFC 3339 writes it");
    to = *time;
    return {};
  };
  if (auto fine = read_time(input.from, "/from", out.from); !fine)
    return std::unexpected(fine.error());
  if (auto fine = read_time(input.to, "/to", out.to); !fine) return std::unexpected(fine.error());
  const auto* const end = input.cursor.data() + input.cursor.size();
  if (!input.cursor.empty() && std::from_chars(input.cursor.data(), end, out.before).ptr != end)
    return base::bad_field("/cursor", "is not one of ours");
  return out;
}

runtime::TaskResult<base::JsonObject> list_entries(Log* log, ListEntries input) {
  auto query = query_of(input);
  if (!query) co_return std::unexpected(query.error());
  co_await log->settle();
  auto records = co_await log->store().read(
      [query = std::move(*query)](store::Connection& db) { return list(db, query); });
  if (!records) co_return std::unexpected(records.error());
  base::JsonArray items;
  for (const auto& record : *records) items.push_back(describe(record));
  const bool more = records->size() == static_cast<std::size_t>(input.limit);
  co_return base::JsonObject{{"items", std::move(items)},
                             {"next_cursor", more ? base::Json(std::to_string(records->back().seq))
                                                  : base::Json(nullptr)}};
}

runtime::TaskResult<Verdict> verify_chain(Log* log, VerifyChain input) {
  co_await log->settle();
  co_return co_await log->store().read([given = VerifyInput{.database = log->store().path(),
                                                            .heads = log->heads_file(),
                                                            .public_key = log->public_key_file(),
                                                            .known = std::move(input.head)}](
                                           store::Connection& db) { return verify(db, given); });
}

}  // namespace

void declare_operations(runtime::OperationRegistry& registry, Log& log) {
  registry.add(runtime::declare<ListEntries, base::JsonObject>(
      {.name = "audit.list",
       .help = "Who did what, newest first",
       .permission = "audit:read",
       .routes = {{"GET", "/api/audit"}},
       .group = "Audit"},
      [all = &log](runtime::ContextPtr, ListEntries input) {
        return list_entries(all, std::move(input));
      }));
  registry.add(runtime::declare<VerifyChain, Verdict>(
      {.name = "audit.verify",
       .help = "Checks the chain, the signed heads and the second file",
       .permission = "audit:read",
       .time_limit = std::chrono::minutes(10),
       .routes = {{"POST", "/api/audit/verify"}},
       .group = "Audit"},
      [all = &log](runtime::ContextPtr, VerifyChain input) {
        return verify_chain(all, std::move(input));
      }));
}

}  // namespace telltale::audit
