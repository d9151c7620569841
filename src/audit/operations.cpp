#include "audit/operations.hpp"

#include <charconv>

#include "audit/export.hpp"
#include "audit/verify.hpp"

namespace telltale::audit {

using base::FieldRule;

// Which entries; the same for the list and the export.
struct EntryFilter {
  std::string actor, action, subject, outcome, q, from, to;
};
BOOST_DESCRIBE_STRUCT(EntryFilter, (), (actor, action, subject, outcome, q, from, to))
constexpr std::array kFilterRules{
    FieldRule{.name = "actor", .has_default = true},
    FieldRule{.name = "action",
              .help = "an operation's name, …; several by * and ?: fleet.*",
              .maximum = 200,
              .has_default = true},
    FieldRule{.name = "subject", .has_default = true},
    FieldRule{.name = "outcome", .help = "started, ok, failed or refused", .has_default = true},
    FieldRule{.name = "q", .help = "text in an entry", .maximum = 200, .has_default = true},
    FieldRule{.name = "from", .help = "RFC 3339", .has_default = true},
    FieldRule{.name = "to", .help = "RFC 3339", .has_default = true},
    FieldRule{.name = "cursor", .has_default = true},
    FieldRule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true},
    FieldRule{.name = "format", .one_of = "csv|ndjson|json", .has_default = true}};

struct ListEntries : EntryFilter {
  std::string cursor;
  int limit = 100;
};
BOOST_DESCRIBE_STRUCT(ListEntries, (EntryFilter), (cursor, limit))
constexpr auto field_rules(const ListEntries*) {
  return kFilterRules;
}

struct ExportEntries : EntryFilter {
  std::string format = "csv";
};
BOOST_DESCRIBE_STRUCT(ExportEntries, (EntryFilter), (format))
constexpr auto field_rules(const ExportEntries*) {
  return kFilterRules;
}

struct VerifyChain {
  std::optional<std::string> head;
};
BOOST_DESCRIBE_STRUCT(VerifyChain, (), (head))
constexpr auto field_rules(const VerifyChain*) {
  return std::array{FieldRule{.name = "head", .help = "SEQ:HASH, a head noted elsewhere"}};
}

namespace {

base::Result<Query> query_of(const EntryFilter& input) {
  Query out{.actor = input.actor,
            .action = input.action,
            .subject = input.subject,
            .outcome = input.outcome,
            .text = input.q};
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
  return out;
}

runtime::TaskResult<base::JsonObject> list_entries(Log* log, ListEntries input) {
  auto query = query_of(input);
  if (!query) co_return std::unexpected(query.error());
  query->limit = static_cast<std::size_t>(input.limit);
  const auto* const end = input.cursor.data() + input.cursor.size();
  if (!input.cursor.empty() && std::from_chars(input.cursor.data(), end, query->before).ptr != end)
    co_return base::bad_field("/cursor", "is not one of ours");
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

runtime::TaskResult<std::string> next_piece(Log* log, std::shared_ptr<Export> from) {
  co_return co_await log->store().read([from](store::Connection& db) { return from->next(db); });
}

// Read twice: once for its length, once to be sent. No more than a slice of it is held.
runtime::TaskResult<base::JsonObject> export_entries(Log* log, runtime::ContextPtr context,
                                                     ExportEntries input) {
  auto query = query_of(input);
  if (!query) co_return std::unexpected(query.error());
  const auto format = input.format == "csv"      ? ExportFormat::csv
                      : input.format == "ndjson" ? ExportFormat::ndjson
                                                 : ExportFormat::json;
  co_await log->settle();
  auto end = co_await log->store().read([](store::Connection& db) { return tip(db); });
  if (!end) co_return std::unexpected(end.error());
  const auto measured = std::make_shared<Export>(*query, format, end->seq);
  std::uint64_t size = 0;
  for (;;) {
    auto piece = co_await next_piece(log, measured);
    if (!piece) co_return std::unexpected(piece.error());
    if (piece->empty()) break;
    size += piece->size();
  }
  auto name = "telltale-audit-" + base::format_rfc3339(log->store().clock().wall());
  std::erase(name, ':');
  runtime::BytesAnswer answer{
      .headers = {{"content-type", std::string(media_type(format))},
                  {"content-disposition",
                   "attachment; filename=\"" + name + "." + input.format + "\""}},
      .size = size,
      .next = [log, sent = std::make_shared<Export>(std::move(*query), format, end->seq)] {
        return next_piece(log, sent);
      }};
  if (!context->answer_bytes(std::move(answer)))
    co_return base::fail(base::Code::unsupported, "an export is given over REST only");
  co_return base::JsonObject{{"bytes", size}};
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
  registry.add(runtime::declare<ExportEntries, base::JsonObject>(
      {.name = "audit.export",
       .help = "The entries of a filter, oldest first, as CSV, NDJSON or JSON",
       .permission = "audit:read",
       .time_limit = std::chrono::minutes(10),
       .routes = {{"GET", "/api/audit/export"}},
       .group = "Audit",
       .gives_bytes = true},
      [all = &log](runtime::ContextPtr context, ExportEntries input) {
        return export_entries(all, std::move(context), std::move(input));
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
